// CommonJS: modules that are functions with `require`, `module` and `exports`. An ES module cannot be required.
import native from "internal:native";
import { dirname } from "node:path";
import { format, resolve } from "internal:resolve";
import * as builtins from "internal:builtins";

const CONDITIONS = ["node", "require", "module-sync", "default"];
const cache = Object.create(null);

/** A `require` for the module at a path. */
export function requireFrom(from) {
  const find = (name) => resolve(name, from, CONDITIONS);
  const own = (name) => {
    if (typeof name !== "string") throw new TypeError('The "id" argument must be of type string');
    let path;
    try {
      path = find(name);
    } catch (error) {
      if (error.code === "ERR_MODULE_NOT_FOUND") {
        error.message = `Cannot find module '${name}'\nRequire stack:\n- ${from}`;
        error.code = "MODULE_NOT_FOUND";
      }
      throw error;
    }
    return require(path);
  };
  own.resolve = find;
  own.cache = cache;
  return own;
}

/** What the module at a path exports; it is run the first time. */
export function require(path) {
  if (path.startsWith("node:")) return builtins.get(path);
  if (cache[path]) return cache[path].exports;
  const module = { id: path, filename: path, path: dirname(path), exports: {}, loaded: false, children: [] };
  switch (format(path)) {
    case "json":
      module.exports = JSON.parse(native.readText(path));
      break;
    case "module": {
      const error = new Error(`require() of ES module ${path} is not supported: use import() instead`);
      error.code = "ERR_REQUIRE_ESM";
      throw error;
    }
    default: {
      cache[path] = module;
      const text = native.readText(path).replace(/^#!.*/, "");
      try {
        const run = native.runScript(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, path, false);
        const own = requireFrom(path);
        module.require = own;
        run.call(module.exports, module.exports, own, module, path, dirname(path));
      } catch (error) {
        delete cache[path];
        throw error;
      }
    }
  }
  module.loaded = true;
  cache[path] = module;
  return module.exports;
}

/** The names that a CommonJS module seems to export: what can be seen without running it. */
function exportedNames(text) {
  const names = new Set();
  for (const [, name] of text.matchAll(/\bexports\.([A-Za-z_$][\w$]*)\s*=[^=]/g)) names.add(name);
  for (const [, name] of text.matchAll(/\bdefineProperty\(\s*exports\s*,\s*["']([A-Za-z_$][\w$]*)["']/g)) names.add(name);
  for (const [, list] of text.matchAll(/\bmodule\.exports\s*=\s*\{([^{}]*)\}/g)) {
    for (const item of list.split(",")) {
      const found = /^\s*([A-Za-z_$][\w$]*)\s*(?::|$)/.exec(item.replaceAll(/\/\/.*|\/\*[^]*?\*\//g, ""));
      if (found) names.add(found[1]);
    }
  }
  names.delete("default");
  return [...names];
}

/** An ES module that stands before a CommonJS one. */
export function wrapper(path, text) {
  const names = exportedNames(text);
  const list = names.map((name, at) => `const $${at} = $exports?.[${JSON.stringify(name)}]; export { $${at} as ${name} };`);
  return `import { createRequire as $createRequire } from "node:module";
const $exports = $createRequire(${JSON.stringify(path)})(${JSON.stringify(path)});
export default $exports;
${list.join("\n")}`;
}
