// What test files declare: suites in suites, tests in them, and what comes before and after.
import { formatArguments } from "internal:format";

export const root = newSuite("", null, {});
let current = root;

function newSuite(name, parent, marks) {
  return { name, parent, marks, children: [], hooks: { beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] } };
}

function declareSuite(name, marks, body) {
  if (typeof body !== "function") throw new TypeError("describe() takes a name and a function");
  const suite = newSuite(title(name), current, marks);
  current.children.push(suite);
  const outer = current;
  current = suite;
  try {
    const result = body();
    if (typeof result?.then === "function") throw new TypeError(`describe("${suite.name}") must not be async: tests may be`);
  } finally {
    current = outer;
  }
}

function declareTest(name, marks, body, options) {
  if (typeof body !== "function" && !marks.todo) throw new TypeError("test() takes a name and a function");
  const timeout = typeof options === "number" ? options : options?.timeout;
  current.children.push({ name: title(name), parent: current, marks, body, timeout, isTest: true });
}

function title(name) {
  return typeof name === "function" ? name.name : `${name}`;
}

/** A declaring function with its kin: `.skip`, `.only`, `.todo`, `.each`, `.if`, `.skipIf`, `.todoIf`. */
function family(declare, marks = {}) {
  const own = (name, body, options) => {
    // The options may stand before the function, too.
    const [work, settings] = typeof body === "object" && body !== null ? [options, body] : [body, options];
    declare(name, marks, work, settings);
  };
  const kin = (mark) => family(declare, { ...marks, ...mark });
  return Object.defineProperties(own, {
    skip: { get: () => kin({ skip: true }) },
    only: { get: () => kin({ only: true }) },
    todo: { get: () => kin({ todo: true }) },
    if: { value: (condition) => (condition ? own : kin({ skip: true })) },
    skipIf: { value: (condition) => (condition ? kin({ skip: true }) : own) },
    todoIf: { value: (condition) => (condition ? kin({ todo: true }) : own) },
    each: {
      value: (table) => (name, body, options) => {
        table.forEach((row, at) => {
          const args = Array.isArray(row) ? row : [row];
          const text = title(name).replaceAll("%#", `${at}`).replaceAll("%p", "%o");
          const marks = (text.match(/%[sdifjoO]/g) ?? []).length;
          const full = formatArguments([text, ...args.slice(0, marks)]);
          // The wrapper takes no parameter: `done` is for those who ask for it themselves.
          own(full, () => body(...args), options);
        });
      },
    },
  });
}

export const describe = family(declareSuite);
export const test = family(declareTest);

function hook(name) {
  return (body) => {
    if (typeof body !== "function") throw new TypeError(`${name}() takes a function`);
    current.hooks[name].push(body);
  };
}

export const beforeAll = hook("beforeAll");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
export const afterAll = hook("afterAll");

/** The suites that something is in, the outermost first. */
export function ancestors(item) {
  const list = [];
  for (let suite = item.parent; suite; suite = suite.parent) list.unshift(suite);
  return list;
}

/** Its name with those of the suites around it. */
export function fullName(item, separator) {
  return [...ancestors(item), item].map((one) => one.name).filter((name) => name !== "").join(separator);
}

/** Whether it or a suite around it has a mark. */
export function marked(item, mark) {
  return Boolean(item.marks[mark]) || ancestors(item).some((suite) => suite.marks[mark]);
}

/** Every test below a suite. */
export function testsIn(suite) {
  return suite.children.flatMap((child) => (child.isTest ? [child] : testsIn(child)));
}
