// Paths, as Node.js takes them apart and puts them together; by the rules of the system that this runs on.
import native from "internal:native";

const windows = native.platform === "win32";
export const sep = windows ? "\\" : "/";
export const delimiter = windows ? ";" : ":";
const SEPARATORS = windows ? /[\\/]+/ : /\/+/;

/** What stands before the names: `/`, `C:\`, `\\server\share\`, or nothing. */
function rootOf(path) {
  if (!windows) return path.startsWith("/") ? "/" : "";
  const found = /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+[\\/]?|[a-zA-Z]:[\\/]?|[\\/])/.exec(path);
  return found ? found[0].replaceAll("/", "\\") : "";
}

export function isAbsolute(path) {
  const root = rootOf(path);
  return windows ? /[\\/]$|^\\\\/.test(root) : root !== "";
}

export function normalize(path) {
  if (path === "") return ".";
  const root = rootOf(path);
  const names = [];
  for (const name of path.slice(root.length).split(SEPARATORS)) {
    if (name === "" || name === ".") continue;
    if (name === ".." && names.length > 0 && names.at(-1) !== "..") names.pop();
    else if (name !== ".." || !isAbsolute(path)) names.push(name);
  }
  const trailing = names.length > 0 && /[\\/]$/.test(path) && (windows || path.endsWith("/"));
  return root + names.join(sep) + (trailing ? sep : "") || ".";
}

export function join(...parts) {
  const joined = parts.filter((part) => part !== "").join(sep);
  return joined === "" ? "." : normalize(joined);
}

export function resolve(...parts) {
  let path = "";
  for (const part of parts.toReversed()) {
    if (part === "") continue;
    path = path === "" ? part : `${part}${sep}${path}`;
    if (isAbsolute(part)) break;
  }
  if (!isAbsolute(path)) path = path === "" ? native.cwd() : `${native.cwd()}${sep}${path}`;
  const normal = normalize(path);
  return normal.length > rootOf(normal).length && normal.endsWith(sep) ? normal.slice(0, -1) : normal;
}

function cut(path) {
  const root = rootOf(path);
  const names = path.slice(root.length).split(SEPARATORS).filter((name) => name !== "");
  return { root, names };
}

export function dirname(path) {
  const root = rootOf(path);
  const rest = path.slice(root.length).replace(windows ? /[\\/]+$/ : /\/+$/, "");
  const at = windows ? Math.max(rest.lastIndexOf("/"), rest.lastIndexOf("\\")) : rest.lastIndexOf("/");
  return at < 0 ? root || "." : root + rest.slice(0, at).replace(windows ? /[\\/]+$/ : /\/+$/, "");
}

export function basename(path, suffix = "") {
  const name = cut(path).names.at(-1) ?? "";
  return suffix !== "" && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

export function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf(".");
  return at <= 0 || name === ".." ? "" : name.slice(at);
}

export function relative(from, to) {
  const fold = (name) => (windows ? name.toLowerCase() : name);
  const [start, end] = [cut(resolve(from)), cut(resolve(to))];
  if (fold(start.root) !== fold(end.root)) return resolve(to);
  let shared = 0;
  while (shared < start.names.length && shared < end.names.length && fold(start.names[shared]) === fold(end.names[shared])) shared += 1;
  return [...start.names.slice(shared).map(() => ".."), ...end.names.slice(shared)].join(sep);
}

export function parse(path) {
  const root = rootOf(path);
  const base = basename(path);
  const ext = extname(path);
  const dir = dirname(path);
  return { root, dir: dir === "." && !path.startsWith(".") ? "" : dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
}

export function format({ root = "", dir, base, name = "", ext = "" }) {
  const file = base ?? name + (ext && !ext.startsWith(".") ? `.${ext}` : ext);
  const folder = dir ?? root;
  return folder === "" ? file : folder === root ? folder + file : folder + sep + file;
}

const path = { sep, delimiter, isAbsolute, normalize, join, resolve, dirname, basename, extname, relative, parse, format };
path[windows ? "win32" : "posix"] = path;
export default path;
