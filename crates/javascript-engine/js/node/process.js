// The process: arguments, variables, standard input and output, and its end.
import native from "internal:native";
import { EventEmitter } from "node:events";
import { setHandler, uncaught } from "internal:errors";
import { nextTick } from "internal:timers";
import { TextDecoder } from "internal:text";

/** Variables: strings only; on Windows their names have no case. */
function makeEnvironment() {
  const list = native.environment();
  const table = {};
  const find = (key) => {
    if (native.platform !== "win32" || typeof key !== "string" || Object.hasOwn(table, key)) return key;
    return Object.keys(table).find((name) => name.toLowerCase() === key.toLowerCase()) ?? key;
  };
  for (let at = 0; at < list.length; at += 2) table[list[at]] = list[at + 1];
  return new Proxy(table, {
    get: (_, key) => (typeof key === "string" ? table[find(key)] : undefined),
    has: (_, key) => Object.hasOwn(table, find(key)),
    set(_, key, value) {
      if (typeof value === "symbol") throw new TypeError("Cannot convert a Symbol value to a string");
      table[find(key)] = `${value}`;
      return true;
    },
    deleteProperty: (_, key) => delete table[find(key)],
    getOwnPropertyDescriptor: (_, key) => Object.getOwnPropertyDescriptor(table, find(key)),
  });
}

class Output extends EventEmitter {
  #descriptor;

  constructor(descriptor) {
    super();
    this.#descriptor = descriptor;
  }

  get fd() {
    return this.#descriptor;
  }

  get isTTY() {
    return native.isTerminal(this.#descriptor) || undefined;
  }

  get writable() {
    return true;
  }

  write(what, encoding, done) {
    const callback = typeof encoding === "function" ? encoding : done;
    if (typeof what !== "string" && !(what instanceof Uint8Array)) {
      throw new TypeError('The "chunk" argument must be of type string or an instance of Uint8Array');
    }
    native.write(this.#descriptor, what);
    if (typeof callback === "function") nextTick(callback);
    return true;
  }

  end(what, ...rest) {
    if (what !== undefined && typeof what !== "function") this.write(what, ...rest);
    return this;
  }
}

class Input extends EventEmitter {
  #decoder = null;
  #ended = false;

  get fd() {
    return 0;
  }

  get isTTY() {
    return native.isTerminal(0) || undefined;
  }

  setEncoding(encoding = "utf-8") {
    this.#decoder = new TextDecoder(encoding);
    return this;
  }

  on(name, listener) {
    super.on(name, listener);
    if (name === "data") this.resume();
    return this;
  }

  resume() {
    if (!this.#ended) native.setReading(true);
    return this;
  }

  pause() {
    native.setReading(false);
    return this;
  }

  /** Takes a chunk that has come; null: there is no more. */
  take(chunk) {
    if (chunk !== null) {
      const data = this.#decoder ? this.#decoder.decode(chunk, { stream: true }) : chunk;
      if (data.length > 0) this.emit("data", data);
      return;
    }
    this.#ended = true;
    const rest = this.#decoder?.decode() ?? "";
    if (rest !== "") this.emit("data", rest);
    this.emit("end");
    this.emit("close");
  }

  async* [Symbol.asyncIterator]() {
    const chunks = [];
    let wake = null;
    let ended = this.#ended;
    const data = (chunk) => {
      chunks.push(chunk);
      this.pause();
      wake?.();
    };
    const end = () => {
      ended = true;
      wake?.();
    };
    super.on("data", data);
    super.on("end", end);
    try {
      for (;;) {
        if (chunks.length > 0) yield chunks.shift();
        else if (ended) return;
        else {
          this.resume();
          await new Promise((resolve) => { wake = resolve; });
        }
      }
    } finally {
      this.off("data", data);
      this.off("end", end);
      this.pause();
    }
  }
}

function exitCode(code) {
  if (code === undefined || code === null) return process.exitCode === undefined ? 0 : exitCode(process.exitCode);
  const number = Number(code);
  if (!Number.isInteger(number)) {
    const error = new TypeError(`The "code" argument must be of type integer. Received ${typeof code} (${String(code)})`);
    error.code = "ERR_INVALID_ARG_TYPE";
    throw error;
  }
  return number | 0;
}

let exiting = false;

class Process extends EventEmitter {
  title = "rust-bun";
  argv = [native.executable];
  argv0 = native.executable;
  execPath = native.executable;
  execArgv = [];
  env = makeEnvironment();
  exitCode = undefined;
  pid = native.pid;
  platform = native.platform;
  arch = native.arch;
  version = `v${native.version}`;
  versions = { "rust-bun": native.version, quickjs: native.engine };
  release = { name: "rust-bun" };
  stdout = new Output(1);
  stderr = new Output(2);
  stdin = new Input();

  cwd() {
    return native.cwd();
  }

  chdir(folder) {
    native.chdir(`${folder}`);
  }

  exit(code) {
    const number = exitCode(code);
    // A listener of `exit` may exit with another code.
    if (code !== undefined && code !== null) this.exitCode = number;
    if (!exiting) {
      exiting = true;
      this.emit("exit", number);
    }
    native.exit(exitCode(this.exitCode ?? number));
  }

  abort() {
    native.exit(134);
  }

  uptime() {
    return native.now() / 1000;
  }

  hrtime(since) {
    const time = native.now();
    const [seconds, nanoseconds] = [Math.floor(time / 1000), Math.round((time % 1000) * 1e6)];
    if (!since) return [seconds, nanoseconds];
    const difference = (seconds - since[0]) * 1e9 + nanoseconds - since[1];
    return [Math.floor(difference / 1e9), difference % 1e9];
  }

  nextTick(callback, ...args) {
    nextTick(callback, ...args);
  }

  emitWarning(warning) {
    const text = typeof warning === "string" ? `Warning: ${warning}` : `${warning.name}: ${warning.message}`;
    native.write(2, `(${this.title}:${this.pid}) ${text}\n`);
  }

  kill() {
    throw new Error("process.kill is not there: this engine sends no signals");
  }
}
Process.prototype.hrtime.bigint = () => BigInt(Math.round(native.now() * 1e6));

const process = new Process();
Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });

/** Whether somebody listens for errors that nobody caught, and took this one. */
function take(error, origin) {
  if (exiting || process.listenerCount("uncaughtException") === 0) return false;
  try {
    process.emit("uncaughtException", error, origin);
    return true;
  } catch (another) {
    process.removeAllListeners("uncaughtException");
    uncaught(another);
    return true;
  }
}
take.rejection = (reason, promise) => process.emit("unhandledRejection", reason, promise);
take.exit = (code) => {
  if (exiting) return;
  exiting = true;
  process.exitCode = code;
  process.emit("exit", code);
  native.exit(exitCode(process.exitCode));
};
setHandler(take);

/** The exit code of a run that has nothing more to do. */
export function finish() {
  exiting = true;
  const code = exitCode();
  process.emit("exit", code);
  return exitCode(process.exitCode ?? code);
}

export const hooks = {
  input(chunk) {
    try {
      process.stdin.take(chunk);
    } catch (error) {
      uncaught(error);
    }
  },
  beforeExit() {
    try {
      process.emit("beforeExit", exitCode());
    } catch (error) {
      uncaught(error);
    }
  },
};

export const { argv, env, stdin, stdout, stderr, platform, arch, pid, version, versions } = process;
export const cwd = () => process.cwd();
export const chdir = (folder) => process.chdir(folder);
export const exit = (code) => process.exit(code);
export const hrtime = process.hrtime;
export { nextTick };
export default process;
