// The console: results to standard output, warnings and errors to standard error.
import native from "internal:native";
import { formatArguments } from "internal:format";
import { inspect } from "internal:inspect";
import { table } from "internal:table";

const counts = new Map();
const timers = new Map();
let indentation = "";

function print(to, text) {
  const lines = indentation === "" ? text : indentation + text.replaceAll("\n", `\n${indentation}`);
  native.write(to, `${lines}\n`);
}

function say(to, args) {
  print(to, formatArguments(args, { colors: native.colors(to) }));
}

function elapsed(label, method) {
  if (!timers.has(label)) {
    native.write(2, `Warning: No such label '${label}' for console.${method}()\n`);
    return null;
  }
  const time = native.now() - timers.get(label);
  if (time >= 1000) return `${(time / 1000).toFixed(3)}s`;
  return `${Number(time.toFixed(3))}ms`;
}

const methods = {
  log(...args) { say(1, args); },
  info(...args) { say(1, args); },
  debug(...args) { say(1, args); },
  warn(...args) { say(2, args); },
  error(...args) { say(2, args); },
  trace(...args) {
    const stack = new Error().stack.split("\n").slice(1).join("\n").trimEnd();
    print(2, `Trace${args.length > 0 ? `: ${formatArguments(args)}` : ""}\n${stack}`);
  },
  assert(condition, ...args) {
    if (condition) return;
    if (typeof args[0] === "string") say(2, [`Assertion failed: ${args[0]}`, ...args.slice(1)]);
    else say(2, ["Assertion failed", ...args]);
  },
  dir(value, options = {}) { print(1, inspect(value, { colors: native.colors(1), ...options })); },
  dirxml(...args) { say(1, args); },
  table(data, columns) {
    if (data === null || typeof data !== "object") say(1, [data]);
    else print(1, table(data, columns));
  },
  count(label = "default") {
    const count = (counts.get(`${label}`) ?? 0) + 1;
    counts.set(`${label}`, count);
    say(1, [`${label}: ${count}`]);
  },
  countReset(label = "default") { counts.delete(`${label}`); },
  group(...args) {
    if (args.length > 0) say(1, args);
    indentation += "  ";
  },
  groupEnd() { indentation = indentation.slice(2); },
  time(label = "default") { timers.set(`${label}`, native.now()); },
  timeLog(label = "default", ...args) {
    const time = elapsed(`${label}`, "timeLog");
    if (time !== null) say(1, [`${label}: ${time}`, ...args]);
  },
  timeEnd(label = "default") {
    const time = elapsed(`${label}`, "timeEnd");
    if (time !== null) say(1, [`${label}: ${time}`]);
    timers.delete(`${label}`);
  },
};
methods.groupCollapsed = methods.group;

const console = Object.create({}, { [Symbol.toStringTag]: { value: "console", configurable: true } });
for (const [name, method] of Object.entries(methods)) {
  Object.defineProperty(console, name, { value: method, writable: true, configurable: true, enumerable: true });
}

export default console;
