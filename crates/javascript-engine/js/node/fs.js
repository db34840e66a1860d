// The part of node:fs that reads, writes and lists, without callbacks: at once, or as promises in node:fs/promises.
// Contents without an encoding are a Uint8Array: there is no Buffer.
import native from "internal:native";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { TextDecoder } from "internal:text";

function pathOf(path) {
  if (typeof path === "string") {
    if (path.includes("\0")) throw invalid("The argument 'path' must be a string without null bytes");
    return path;
  }
  if (path instanceof Uint8Array) return new TextDecoder().decode(path);
  if (typeof path?.href === "string") return fileURLToPath(path);
  throw invalid('The "path" argument must be of type string or an instance of Uint8Array or URL');
}

function invalid(message) {
  const error = new TypeError(message);
  error.code = "ERR_INVALID_ARG_TYPE";
  return error;
}

function encodingOf(options) {
  return typeof options === "string" ? options : options?.encoding ?? null;
}

export function readFileSync(path, options) {
  const encoding = encodingOf(options);
  const bytes = path === 0 || path === "/dev/stdin" ? native.readInput() : native.readFile(pathOf(path));
  if (encoding === null || encoding === "buffer") return bytes;
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

export function writeFileSync(path, data, options) {
  const how = (typeof options === "object" ? options?.flag : undefined) ?? "w";
  native.writeFile(pathOf(path), contents(data), how);
}

export function appendFileSync(path, data) {
  native.writeFile(pathOf(path), contents(data), "a");
}

function contents(data) {
  if (typeof data === "string" || native.kind(Object(data)) === "TypedArray" && data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw invalid('The "data" argument must be of type string or an instance of Uint8Array');
}

export function existsSync(path) {
  try {
    native.stat(pathOf(path), "stat");
    return true;
  } catch {
    return false;
  }
}

export function mkdirSync(path, options) {
  const recursive = Boolean(options?.recursive);
  native.makeFolder(pathOf(path), recursive);
}

export function rmdirSync(path) {
  native.remove(pathOf(path), "folder");
}

export function unlinkSync(path) {
  native.remove(pathOf(path), "file");
}

export function rmSync(path, { recursive = false, force = false } = {}) {
  const place = pathOf(path);
  try {
    if (!recursive && native.stat(place, "lstat")[0] === 2) {
      const error = new Error(`Path is a directory: rm returned EISDIR (is a directory) ${place}`);
      error.code = "ERR_FS_EISDIR";
      error.syscall = "rm";
      throw error;
    }
    native.remove(place, "all");
  } catch (error) {
    if (!force || error.code !== "ENOENT") throw error;
  }
}

export function renameSync(from, to) {
  native.rename(pathOf(from), pathOf(to));
}

export function copyFileSync(from, to) {
  native.copyFile(pathOf(from), pathOf(to));
}

export function realpathSync(path) {
  return native.realPath(pathOf(path));
}

class Entry {
  #kind;

  constructor(kind) {
    this.#kind = kind;
  }

  isFile() {
    return this.#kind === 1;
  }

  isDirectory() {
    return this.#kind === 2;
  }

  isSymbolicLink() {
    return this.#kind === 3;
  }
}

export class Stats extends Entry {
  constructor([kind, size, mode, atimeMs, mtimeMs, birthtimeMs]) {
    super(kind);
    Object.assign(this, { size, mode, atimeMs, mtimeMs, birthtimeMs });
    this.atime = new Date(atimeMs);
    this.mtime = new Date(mtimeMs);
    this.birthtime = new Date(birthtimeMs);
  }
}

function statistics(path, call, options) {
  try {
    return new Stats(native.stat(pathOf(path), call));
  } catch (error) {
    if (options?.throwIfNoEntry === false && error.code === "ENOENT") return undefined;
    throw error;
  }
}

export function statSync(path, options) {
  return statistics(path, "stat", options);
}

export function lstatSync(path, options) {
  return statistics(path, "lstat", options);
}

export function accessSync(path) {
  native.stat(pathOf(path), "access");
}

export class Dirent extends Entry {
  constructor(name, parentPath, kind) {
    super(kind);
    this.name = name;
    this.parentPath = parentPath;
    this.path = parentPath;
  }
}

export function readdirSync(path, options) {
  const folder = pathOf(path);
  const found = [];
  const list = (place, before) => {
    const entries = native.listFolder(place);
    for (let at = 0; at < entries.length; at += 2) {
      const [name, kind] = [entries[at], entries[at + 1]];
      const shown = before === "" ? name : join(before, name);
      found.push(options?.withFileTypes ? new Dirent(name, place, kind) : shown);
      if (options?.recursive && kind === 2) list(join(place, name), shown);
    }
  };
  list(folder, "");
  return found;
}

export const constants = { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 };

const sync = {
  readFileSync, writeFileSync, appendFileSync, existsSync, mkdirSync, rmdirSync, unlinkSync, rmSync, renameSync,
  copyFileSync, realpathSync, statSync, lstatSync, accessSync, readdirSync,
};

/** The same as promises. */
export const promises = Object.fromEntries(Object.entries(sync).filter(([name]) => name !== "existsSync").map(([name, call]) => {
  const plain = name.slice(0, -"Sync".length);
  return [plain, { [plain]: async (...args) => call(...args) }[plain]];
}));

export default { ...sync, Stats, Dirent, constants, promises };
