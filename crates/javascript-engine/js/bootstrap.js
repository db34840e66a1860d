// Makes the world that scripts find: its globals, and the functions that the engine calls.
import native from "internal:native";
import console from "internal:console";
import * as main from "internal:main";
import * as repl from "internal:repl";
import * as errors from "internal:errors";
import * as timers from "internal:timers";
import * as resolve from "internal:resolve";
import * as text from "internal:text";
import process, { hooks as processHooks } from "node:process";

function define(name, value) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

define("global", globalThis);
define("console", console);
define("process", process);
for (const name of ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"]) {
  define(name, timers[name]);
}
define("queueMicrotask", timers.queueMicrotask);
define("TextEncoder", text.TextEncoder);
define("TextDecoder", text.TextDecoder);
define("structuredClone", text.structuredClone);
define("performance", { now: () => native.now(), timeOrigin: Date.now() - native.now() });
define("fetch", function fetch() {
  throw new Error("fetch is not there: this engine has no network access");
});

native.setHooks({
  ...main.hooks,
  ...repl.hooks,
  ...errors.hooks,
  ...timers.hooks,
  ...resolve.hooks,
  ...processHooks,
});
