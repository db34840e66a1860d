// The REPL's side of JavaScript: evaluates what was typed and prints what came of it.
import native from "internal:native";
import process from "node:process";
import * as builtins from "internal:builtins";
import { inspect } from "internal:inspect";
import { requireFrom } from "internal:common_js";
import { join } from "node:path";

const AsyncFunction = (async () => {}).constructor;
const colors = native.colors(1);
let number = 0;
let evaluating = false;
let last;
let taken = false;

function print(text) {
  native.write(1, `${text}\n`);
}

function fail(error) {
  print(`Uncaught ${inspect(error, { colors, bare: true })}`);
}

/** Whether it is an expression when brackets are put around it: then an object is not taken for a block. */
function isExpression(code) {
  try {
    new AsyncFunction(`return (${code}\n)`);
    return true;
  } catch {
    return false;
  }
}

/** Import declarations as what a script can do. */
function withoutImports(code) {
  return code.replaceAll(/^\s*import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)|\{([^}]*)\})?\s*(?:from\s+)?(["'][^"']+["'])\s*;?/gm,
    (_, own, all, names, from) => {
      const parts = [own ? `default: ${own}` : "", (names ?? "").replaceAll(/\s+as\s+/g, ": ")].filter((part) => part.trim() !== "");
      if (all) return `const ${all} = await import(${from});${own ? ` const ${own} = ${all}.default;` : ""}`;
      return parts.length > 0 ? `const { ${parts.join(", ")} } = await import(${from});` : `await import(${from});`;
    });
}

async function evaluate(code) {
  number += 1;
  const trimmed = code.trim();
  const source = trimmed.startsWith("{") && !trimmed.endsWith(";") && isExpression(trimmed) ? `(${trimmed}\n)` : withoutImports(code);
  const { value } = await native.runScript(source, join(process.cwd(), `[repl ${number}]`), true);
  if (!taken) last = value;
  print(inspect(value, { colors }));
}

export const hooks = {
  startRepl() {
    process.argv.push(...native.args());
    process.on("uncaughtException", fail);
    process.on("unhandledRejection", fail);
    const own = {
      require: requireFrom(join(process.cwd(), "[repl]")), fs: builtins.get("node:fs"), path: builtins.get("node:path"), util: builtins.get("node:util"),
    };
    for (const [name, value] of Object.entries(own)) {
      Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    }
    Object.defineProperty(globalThis, "_", {
      get: () => last,
      set(value) {
        taken = true;
        last = value;
      },
      configurable: true,
    });
    evaluating = true;
    (async () => {
      for (const name of native.preload()) await import(native.moduleName(name));
    })().catch(fail).finally(() => { evaluating = false; });
    return false;
  },
  evaluateLine(code) {
    evaluating = true;
    evaluate(code).catch(fail).finally(() => { evaluating = false; });
    return false;
  },
  isEvaluating: () => evaluating,
  giveUp() {
    evaluating = false;
  },
};
