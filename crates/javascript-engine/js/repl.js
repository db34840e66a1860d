// The REPL's side of JavaScript: evaluates what was typed and prints what came of it.
import native from "internal:native";
import process from "node:process";
import * as builtins from "internal:builtins";
import { inspect } from "internal:inspect";
import { requireFrom } from "internal:common_js";
import { join } from "node:path";

const AsyncFunction = (async () => {}).constructor;
const colors = native.colors(1);
/** How many evaluations there were; the first is that of modules to load. */
let number = 0;
/** Which evaluation is waited for; 0: none. One that was given up says nothing more. */
let evaluating = 0;
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

async function evaluate(code, own) {
  const trimmed = code.trim();
  const source = trimmed.startsWith("{") && !trimmed.endsWith(";") && isExpression(trimmed) ? `(${trimmed}\n)` : withoutImports(code);
  const { value } = await native.runScript(source, join(process.cwd(), `[repl ${own - 1}]`), true);
  if (own !== evaluating) return;
  if (!taken) last = value;
  print(inspect(value, { colors }));
}

function begin(work) {
  number += 1;
  const own = number;
  evaluating = own;
  work(own).catch((error) => {
    if (own === evaluating) fail(error);
  }).finally(() => {
    if (own === evaluating) evaluating = 0;
  });
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
    begin(async () => {
      for (const name of native.preload()) await import(native.moduleName(name));
    });
    return false;
  },
  evaluateLine(code) {
    begin((own) => evaluate(code, own));
    return false;
  },
  isEvaluating: () => evaluating !== 0,
  giveUp() {
    evaluating = 0;
  },
};
