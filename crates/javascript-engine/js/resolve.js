// Where modules are, and in which form: the rules of Node.js for paths, packages and their exports.
import native from "internal:native";
import { dirname, isAbsolute, join, resolve as absolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { wrapper } from "internal:common_js";
import { loaded, setSource } from "internal:errors";

/** The modules that the engine has for scripts. */
export const builtins = native.builtins();
const FILE = 1;
const FOLDER = 2;
const EXTENSIONS = [".js", ".mjs", ".cjs", ".json"];
const FOREIGN = /\.(ts|tsx|mts|cts|jsx)$/i;

/** Code that lies in no file, by the path that it is to have. */
export const code = new Map();
setSource((path) => code.get(path));

/** package.json files that were read, by folder; null: there is none. */
const packages = new Map();
let mainPath = "";

let testing = false;

/** Lets modules import bun:test. */
export function allowTests() {
  testing = true;
}

/** Says which module is `import.meta.main`. */
export function setMain(path) {
  mainPath = native.fileKind(path) === FILE ? native.realPath(path) : path;
}

function fail(message, errorCode) {
  const error = new Error(message);
  error.code = errorCode;
  return error;
}

function readPackage(folder) {
  if (packages.has(folder)) return packages.get(folder);
  const path = join(folder, "package.json");
  let found = null;
  if (native.fileKind(path) === FILE) {
    try {
      found = JSON.parse(native.readText(path));
    } catch (error) {
      throw fail(`Invalid package config ${path}: ${error.message}`, "ERR_INVALID_PACKAGE_CONFIG");
    }
    if (typeof found !== "object") found = null;
  }
  packages.set(folder, found);
  return found;
}

/** The nearest package.json above a path, and its folder. */
function packageOf(path) {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const found = readPackage(folder);
    if (found) return { folder, manifest: found };
    if (dirname(folder) === folder || folder.endsWith("node_modules")) return null;
  }
}

function asFile(path) {
  if (native.fileKind(path) === FILE) return path;
  for (const extension of EXTENSIONS) {
    if (native.fileKind(path + extension) === FILE) return path + extension;
  }
  return null;
}

function asFolder(path) {
  if (native.fileKind(path) !== FOLDER) return null;
  const main = readPackage(path)?.main;
  if (typeof main === "string") {
    const target = join(path, main);
    const found = asFile(target) ?? asFile(join(target, "index"));
    if (found) return found;
  }
  return asFile(join(path, "index"));
}

/** The target of an entry of `exports` or `imports`: the first condition that holds; null: it is closed. */
function target(entry, conditions, star) {
  if (typeof entry === "string") return star === undefined ? entry : entry.replaceAll("*", star);
  if (Array.isArray(entry)) {
    for (const one of entry) {
      const found = target(one, conditions, star);
      if (found) return found;
    }
    return null;
  }
  if (entry === null || typeof entry !== "object") return null;
  for (const [condition, inner] of Object.entries(entry)) {
    if (!conditions.includes(condition)) continue;
    const found = target(inner, conditions, star);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The entry for a key in a table of `exports` or `imports`, patterns with one `*` included. */
function entryFor(table, key, conditions) {
  if (Object.hasOwn(table, key)) return target(table[key], conditions);
  let best = null;
  for (const pattern of Object.keys(table)) {
    const [before, after] = pattern.split("*");
    if (after === undefined || !key.startsWith(before) || !key.endsWith(after) || key.length < pattern.length) continue;
    if (!best || before.length > best.before.length) best = { before, after, entry: table[pattern] };
  }
  return best ? target(best.entry, conditions, key.slice(best.before.length, key.length - best.after.length)) : undefined;
}

function fromPackage(folder, subpath, conditions) {
  const manifest = readPackage(folder);
  let table = manifest?.exports;
  if (table === undefined || table === null) {
    if (subpath === ".") return asFolder(folder);
    const path = join(folder, subpath);
    return asFile(path) ?? asFolder(path);
  }
  if (typeof table === "string" || Array.isArray(table) || !Object.keys(table).some((key) => key.startsWith("."))) {
    table = { ".": table };
  }
  const found = entryFor(table, subpath, conditions);
  const path = typeof found === "string" && found.startsWith("./") ? join(folder, found) : null;
  if (!path) {
    throw fail(`Package subpath '${subpath}' is not defined by "exports" in ${join(folder, "package.json")}`, "ERR_PACKAGE_PATH_NOT_EXPORTED");
  }
  return native.fileKind(path) === FILE ? path : null;
}

function fromNodeModules(name, from, conditions) {
  const parts = name.split("/");
  const count = name.startsWith("@") ? 2 : 1;
  const packageName = parts.slice(0, count).join("/");
  const subpath = `.${parts.slice(count).map((part) => `/${part}`).join("")}`;
  const own = packageOf(from);
  if (own?.manifest.name === packageName && own.manifest.exports !== undefined) return fromPackage(own.folder, subpath, conditions);
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", packageName);
    if (!folder.endsWith("node_modules") && native.fileKind(candidate) === FOLDER) {
      const found = fromPackage(candidate, subpath, conditions);
      if (found) return found;
    }
    if (dirname(folder) === folder) return null;
  }
}

function fromImports(name, from, conditions) {
  const own = packageOf(from);
  const found = own && entryFor(own.manifest.imports ?? {}, name, conditions);
  if (typeof found !== "string") {
    throw fail(`Package import specifier "${name}" is not defined in ${own ? join(own.folder, "package.json") : "any package.json"}`, "ERR_PACKAGE_IMPORT_NOT_DEFINED");
  }
  return found.startsWith("./") ? join(own.folder, found) : resolve(found, from, conditions);
}

/** The path of a module that `from` names so, or `node:…`. */
export function resolve(name, from, conditions = ["node", "import", "module-sync", "default"]) {
  if (name === "bun:test" && testing) return name;
  const bare = name.startsWith("node:") ? name : `node:${name}`;
  if (builtins.includes(bare)) return bare;
  if (name.startsWith("node:")) {
    throw fail(`No such built-in module: ${name}. This engine has ${builtins.join(", ")}`, "ERR_UNKNOWN_BUILTIN_MODULE");
  }
  const wanted = name.startsWith("file:") ? fileURLToPath(name) : name;
  if (/^(https?|data):/.test(wanted)) throw fail(`Cannot import ${name}: this engine reads modules from files only`, "ERR_UNSUPPORTED_ESM_URL_SCHEME");
  let found;
  if (code.has(wanted)) return wanted;
  if (wanted.startsWith("#")) found = fromImports(wanted, from, conditions);
  else if (/^\.{1,2}([/\\]|$)/.test(wanted) || isAbsolute(wanted)) {
    const path = isAbsolute(wanted) ? absolute(wanted) : join(dirname(from), wanted);
    found = asFile(path) ?? asFolder(path);
    if (!found && native.fileKind(path) === FOLDER) throw fail(`Cannot import the folder ${path}: it has no index.js`, "ERR_UNSUPPORTED_DIR_IMPORT");
  } else found = fromNodeModules(wanted, from, conditions);
  if (!found) {
    const what = /^[./\\]|^file:/.test(name) || isAbsolute(wanted) ? "module" : "package";
    throw fail(`Cannot find ${what} '${name}' imported from ${from}`, "ERR_MODULE_NOT_FOUND");
  }
  if (found.startsWith("node:")) return found;
  return native.realPath(found);
}

/** In which form a file is: `module`, `commonjs` or `json`. */
export function format(path) {
  if (path.endsWith(".json")) return "json";
  if (path.endsWith(".mjs")) return "module";
  if (path.endsWith(".cjs")) return "commonjs";
  if (FOREIGN.test(path)) {
    const what = /jsx$/i.test(path) ? "JSX" : "TypeScript";
    throw fail(`${path} is ${what}, which this engine does not understand: compile it to JavaScript first`, "ERR_UNKNOWN_FILE_EXTENSION");
  }
  if (code.has(path) || native.fileKind(path) !== FILE) return "module";
  const type = packageOf(path)?.manifest.type;
  if (type === "module" || type === "commonjs") return type;
  return guess(native.readText(path));
}

/** Which form code has that nothing says it of: a module, unless it uses what only CommonJS has. */
function guess(text) {
  if (/^\s*(import\b\s*[\w{*"'(]|export\b\s*[\w{*])|\bimport\.meta\b/m.test(text)) return "module";
  return /\brequire\s*\(|\bmodule\.exports\b|\bexports\.\w+\s*=|\b__(dirname|filename)\b/.test(text) ? "commonjs" : "module";
}

export const hooks = {
  resolve(name, from) {
    return resolve(name, from.includes("/") || from.includes("\\") ? from : join(native.cwd(), "[engine]"));
  },
  /** The code of a module that is not simply its file. */
  load(path) {
    loaded.add(path);
    if (code.has(path)) return code.get(path);
    switch (format(path)) {
      case "json": {
        const text = native.readText(path);
        try {
          JSON.parse(text);
        } catch (error) {
          error.message = `${path}: ${error.message}`;
          throw error;
        }
        return `export default JSON.parse(${JSON.stringify(text)});`;
      }
      case "commonjs": return wrapper(path, native.readText(path));
      default: return undefined;
    }
  },
  meta(meta, path) {
    Object.assign(meta, {
      url: pathToFileURL(path).href, dir: dirname(path), dirname: dirname(path), file: path.slice(dirname(path).length).replace(/^[/\\]/, ""),
      filename: path, path, main: path === mainPath, resolve: (name) => {
        const found = resolve(name, path);
        return found.startsWith("node:") ? found : pathToFileURL(found).href;
      },
    });
  },
};
