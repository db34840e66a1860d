// Makes the module `polyplug` of the loader's functions: what fails becomes an exception with a code.
(function (native) {
  "use strict";
  const { call, close, log } = native;

  class PolyplugError extends Error {
    constructor(code, message, contract) {
      super(message);
      this.code = code;
      this.contract = contract;
    }
    toString() { return `${this.name}: ${this.message} (code ${this.code})`; }
  }
  PolyplugError.prototype.name = "PolyplugError";

  function checked(answer) {
    if (answer[0]) return answer[1];
    throw new PolyplugError(answer[1], answer[2], answer[3] ?? "polyplug");
  }

  class Contract {
    #object;
    constructor(object) { this.#object = object; }
    call(number, ...args) { return checked(call(this.#object, number, args)); }
    close() { close(this.#object); }
  }

  const polyplug = {};
  for (const kind of ["guest", "host"]) {
    const find = native[kind];
    polyplug[kind] = (contract, least, signatures) => new Contract(checked(find(contract, least, signatures)));
  }
  for (const name of ["log", "provide", "load_bundle", "reload_bundle", "unload_bundle", "bundles"]) {
    const run = native[name];
    if (run) polyplug[name] = (...args) => checked(run(...args));
  }

  function shown(value) {
    if (typeof value !== "object" || value === null || value instanceof Error) return String(value);
    try { return JSON.stringify(value) ?? String(value); } catch { return String(value); }
  }
  const say = (level) => (...values) => { log(level, "console", values.map(shown).join(" ")); };
  globalThis.console = {
    error: say("error"), warn: say("warn"), info: say("info"), log: say("info"), debug: say("debug"), trace: say("trace"),
  };
  return polyplug;
})
