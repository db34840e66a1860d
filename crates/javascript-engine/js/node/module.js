// `require` for ES modules.
import native from "internal:native";
import { requireFrom } from "internal:common_js";
import { fileURLToPath } from "node:url";

export function createRequire(from) {
  const text = typeof from === "string" ? from : from.href;
  return requireFrom(text.startsWith("file:") ? fileURLToPath(text) : text);
}

export const builtinModules = native.builtins().map((name) => name.slice("node:".length));

export function isBuiltin(name) {
  return native.builtins().includes(name) || builtinModules.includes(name);
}

export default { createRequire, builtinModules, isBuiltin };
