// How runs begin: with a file, or with a piece of code.
import native from "internal:native";
import process, { finish } from "node:process";
import { inspect } from "internal:inspect";
import { uncaught } from "internal:errors";
import { allowTests, code, format, setMain } from "internal:resolve";
import { require, requireFrom } from "internal:common_js";
import { join } from "node:path";

/** Loads modules one after the other, from the folder that the run began in. */
export async function preload(modules) {
  for (const name of modules) await import(native.moduleName(name));
}

/** Waits for what the run began with. A promise that never settles is found when nothing is left to wait for. */
let unsettled = false;

function begin(work) {
  unsettled = true;
  work.then(
    () => { unsettled = false; },
    (error) => { unsettled = false; uncaught(error); },
  );
}

/** Each says whether ticks come before reactions to promises, once it has begun. */
export const hooks = {
  runFile(path) {
    process.argv.push(...native.args());
    setMain(path);
    const modules = native.preload();
    if (modules.length === 0 && format(path) === "commonjs") {
      try {
        require(path);
      } catch (error) {
        uncaught(error);
      }
      return true;
    }
    begin((async () => {
      await preload(modules);
      await import(native.moduleName(path));
    })());
    return false;
  },
  evaluate(text, print) {
    process.argv.push(...native.args());
    const path = join(process.cwd(), "[eval]");
    Object.defineProperty(globalThis, "require", { value: requireFrom(path), writable: true, configurable: true });
    code.set(path, text);
    begin((async () => {
      await preload(native.preload());
      if (!print) {
        await import(native.moduleName(path));
        return;
      }
      const { value } = await native.runScript(text, path, true);
      native.write(1, `${typeof value === "string" ? value : inspect(value, { colors: native.colors(1) })}\n`);
    })());
    return false;
  },
  runTests(path, options) {
    process.argv.push(...native.args());
    process.env.NODE_ENV ??= "test";
    setMain(path);
    allowTests();
    const pattern = options.pattern === undefined ? null : new RegExp(options.pattern);
    begin((async () => {
      const { run } = await import("internal:test/runner");
      const { default: names } = await import("bun:test");
      for (const [name, value] of Object.entries(names)) {
        Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
      }
      const load = async () => {
        await preload(native.preload());
        await import(native.moduleName(path));
      };
      await run(path, load, { ...options, pattern });
    })());
    return false;
  },
  /** The exit code of a run that ends by itself. */
  finish() {
    if (unsettled && process.exitCode === undefined) {
      native.write(2, "Warning: Detected unsettled top-level await\n");
      process.exitCode = 13;
    }
    return finish();
  },
};
