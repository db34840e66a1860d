// `expect`: what is said when something is not as it should be.
import { inspect } from "internal:inspect";
import { diff } from "internal:test/diff";
import { opposites, stands } from "internal:test/asymmetric";
import { matchers } from "internal:test/matchers";

let made = 0;
let wanted = null;

/** Begins to count anew. */
export function forgetAssertions() {
  made = 0;
  wanted = null;
}

/** Fails where there were other assertions than announced. */
export function checkAssertions() {
  if (wanted === null) return;
  if (wanted === "some" ? made === 0 : made !== wanted) {
    throw assertion(`expected ${wanted === "some" ? "at least one assertion" : `${wanted} assertions`}, but there were ${made}`);
  }
}

function assertion(message) {
  const error = new Error(message);
  error.isAssertion = true;
  return error;
}

function short(value) {
  const text = inspect(value, { depth: 1 });
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function judge(name, negated, how, value, args) {
  const result = matchers[name](value, ...args);
  const { pass, said, compared, expected, received } = typeof result === "object" ? result : { pass: result };
  if (pass !== negated) return;
  const call = `expect(received)${how}${negated ? ".not" : ""}.${name}(${args.length > 0 ? "expected" : ""})`;
  if (compared && !negated) throw assertion(`${call}\n${diff(expected, received)}`);
  const parts = args.map((arg) => (typeof arg === "function" ? arg.name || "a function" : short(arg))).join(", ");
  const lines = [args.length > 0 ? `Expected: ${negated ? "not " : ""}${parts}` : "", `Received: ${said ?? short(value)}`];
  throw assertion(`${call}\n\n${lines.filter((line) => line !== "").join("\n")}\n`);
}

/** Turns a promise into what it was settled with; the wrong way of settling fails. */
async function settled(value, how) {
  if (typeof value?.then !== "function") throw assertion(`expect(received)${how} needs a promise, not ${short(value)}`);
  let result;
  try {
    result = { kept: await value };
  } catch (error) {
    result = { broken: error };
  }
  if (how === ".resolves" && "broken" in result) throw assertion(`expect(received).resolves: the promise was rejected with ${short(result.broken)}`);
  if (how === ".rejects" && "kept" in result) throw assertion(`expect(received).rejects: the promise was resolved with ${short(result.kept)}`);
  return how === ".resolves" ? result.kept : result.broken;
}

function chain(value, negated, how) {
  const links = {};
  for (const name of Object.keys(matchers)) {
    links[name] = (...args) => {
      made += 1;
      if (how === "") {
        judge(name, negated, how, value, args);
        return undefined;
      }
      const place = new Error();
      return settled(value, how).then((result) => {
        const thrown = name.startsWith("toThrow") && how === ".rejects" ? { isThrown: true, thrown: result } : result;
        judge(name, negated, how, thrown, args);
      }).catch((error) => {
        // What led here is more use than what the engine did later.
        if (error.isAssertion) error.stack = place.stack;
        throw error;
      });
    };
  }
  return links;
}

/** Begins a statement about a value. */
export function expect(value) {
  const links = chain(value, false, "");
  const later = (how) => () => Object.defineProperty(chain(value, false, how), "not", { get: () => chain(value, true, how) });
  Object.defineProperties(links, {
    not: { get: () => chain(value, true, "") },
    resolves: { get: later(".resolves") },
    rejects: { get: later(".rejects") },
  });
  return links;
}

Object.assign(expect, stands, {
  not: opposites,
  assertions(count) {
    wanted = count;
  },
  hasAssertions() {
    wanted = "some";
  },
  fail(message = "expect.fail() was called") {
    throw assertion(message);
  },
  unreachable(message = "this should not have been reached") {
    throw assertion(message);
  },
  extend(more) {
    for (const [name, matcher] of Object.entries(more)) {
      matchers[name] = (value, ...args) => {
        const { pass, message } = matcher.call({ equals: Object.is }, value, ...args);
        return { pass, said: typeof message === "function" ? message() : message };
      };
    }
  },
});
