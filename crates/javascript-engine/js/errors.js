// What becomes of errors that nobody catches.
import native from "internal:native";
import { inspect } from "internal:inspect";

/** Promises that were rejected and have no handler yet. */
const unhandled = new Map();
let handler = null;
/** The paths of modules that were loaded. */
export const loaded = new Set();

/** Lets `process` hear of errors first: it says whether somebody took care. */
export function setHandler(take) {
  handler = take;
}

/** The place that the first line of a stack names: path, line and column. */
export function placeOf(error) {
  const stack = typeof error?.stack === "string" ? error.stack : "";
  for (const line of stack.split("\n")) {
    const found = /^\s*at (?:.*\()?(.+?):(\d+)(?::(\d+))?\)?$/.exec(line);
    if (found && !/^(internal|node):/.test(found[1]) && found[1] !== "native") {
      return { path: found[1], line: Number(found[2]), column: Number(found[3] ?? 1) };
    }
  }
  return null;
}

let sourceOf = () => undefined;

/** Lets errors show code that lies in no file. */
export function setSource(find) {
  sourceOf = find;
}

/** The line of the source that an error came from, with a mark below the column; empty where it cannot be read. */
export function excerpt(error) {
  const place = placeOf(error);
  if (!place) return "";
  let text = sourceOf(place.path);
  if (text === undefined && native.fileKind(place.path) === 1) text = native.readText(place.path);
  const line = text?.split(/\r?\n/)[place.line - 1];
  if (line === undefined) return "";
  if (line.length > 400) return `${place.path}:${place.line}\n`;
  const before = line.slice(0, place.column - 1).replaceAll(/[^\t]/g, " ");
  return `${place.path}:${place.line}\n${line}\n${before}^\n\n`;
}

/** What is printed of an error that ends the run. */
export function report(error) {
  if (isError(error)) return `${excerpt(error)}${inspect(completed(error), { bare: true })}\n`;
  return `Uncaught ${inspect(error)}\n`;
}

/** Takes an error that nobody caught: unless somebody listens, it is printed and the run ends with 1. */
export function uncaught(error, origin = "uncaughtException") {
  if (handler?.(error, origin)) return;
  let text;
  try {
    text = report(error);
  } catch {
    text = "error: an error was thrown that cannot be printed\n";
  }
  native.write(2, text);
  handler?.exit(1);
  native.exit(1);
}

function isError(value) {
  return value instanceof Error || native.kind(Object(value)) === "Error";
}

/** QuickJS cuts the path in this message short: puts it there in full. */
function completed(error) {
  const found = error.name === "SyntaxError" && /^(Could not find export .* in module ')(.*)'$/s.exec(error.message);
  const paths = found ? [...loaded].filter((path) => path.startsWith(found[2])) : [];
  if (paths.length === 1) error.message = `${found[1]}${paths[0]}'`;
  return error;
}

function rejected(reason) {
  if (isError(reason)) return reason;
  const error = new Error(
    "This error originated either by throwing inside of an async function without a catch block, or by rejecting a " +
    `promise which was not handled with .catch(). The promise rejected with the reason "${inspect(reason)}".`);
  error.name = "UnhandledPromiseRejection";
  error.code = "ERR_UNHANDLED_REJECTION";
  error.stack = "";
  return error;
}

export const hooks = {
  /** A promise was rejected without a handler, or got one later. */
  rejection(promise, reason, handled) {
    if (handled) unhandled.delete(promise);
    else unhandled.set(promise, reason);
  },
  /** Takes what is still unhandled; whether there was anything. */
  rejections() {
    if (unhandled.size === 0) return false;
    const all = [...unhandled];
    unhandled.clear();
    for (const [promise, reason] of all) {
      if (handler?.rejection?.(reason, promise)) continue;
      uncaught(rejected(reason), "unhandledRejection");
    }
    return true;
  },
};
