// Text as bytes and back, and copies of structures.
import native from "internal:native";

function bytesOf(input) {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  return new Uint8Array(input);
}

const ENCODINGS = {
  "utf-8": "utf-8", utf8: "utf-8", "unicode-1-1-utf-8": "utf-8",
  "utf-16le": "utf-16le", "utf-16": "utf-16le", "ucs-2": "utf-16le",
  latin1: "latin1", "iso-8859-1": "latin1", ascii: "latin1", "us-ascii": "latin1",
};

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return native.encode(`${text}`);
  }

  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const letter of text) {
      const bytes = native.encode(letter);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += letter.length;
    }
    return { read, written };
  }
}

export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #rest = new Uint8Array(0);
  #begun = false;

  constructor(label = "utf-8", options = {}) {
    this.#encoding = ENCODINGS[`${label}`.trim().toLowerCase()];
    if (!this.#encoding) throw new RangeError(`The "${label}" encoding is not supported`);
    this.#fatal = Boolean(options.fatal);
    this.#ignoreBOM = Boolean(options.ignoreBOM);
  }

  get encoding() {
    return this.#encoding;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#ignoreBOM;
  }

  decode(input, options = {}) {
    const fresh = bytesOf(input);
    const all = new Uint8Array(this.#rest.length + fresh.length);
    all.set(this.#rest);
    all.set(fresh, this.#rest.length);
    const end = options.stream ? all.length - incomplete(all, this.#encoding) : all.length;
    this.#rest = all.slice(end);
    let text = native.decode(all.slice(0, end), this.#encoding, this.#fatal);
    if (!this.#begun && !this.#ignoreBOM && text.startsWith("\ufeff")) text = text.slice(1);
    this.#begun = options.stream ? this.#begun || end > 0 : false;
    if (!options.stream) this.#rest = new Uint8Array(0);
    return text;
  }
}

/** How many bytes at the end may be the beginning of a letter. */
function incomplete(bytes, encoding) {
  if (encoding === "utf-16le") return bytes.length % 2;
  if (encoding !== "utf-8") return 0;
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** A copy with everything in it; functions, symbols and what is alive (promises, weak collections) have none. */
export function structuredClone(value) {
  const seen = new Map();
  const copy = (item) => {
    if (typeof item === "function" || typeof item === "symbol") throw refuse(item);
    if (item === null || typeof item !== "object") return item;
    if (seen.has(item)) return seen.get(item);
    const remember = (made) => {
      seen.set(item, made);
      return made;
    };
    const fill = (made) => {
      for (const key of Object.keys(item)) made[key] = copy(item[key]);
      return made;
    };
    switch (native.kind(item)) {
      case "Array": {
        const made = remember(new Array(item.length));
        return fill(made);
      }
      case "Map": {
        const made = remember(new Map());
        for (const [key, inner] of item) made.set(copy(key), copy(inner));
        return made;
      }
      case "Set": {
        const made = remember(new Set());
        for (const inner of item) made.add(copy(inner));
        return made;
      }
      case "Date": return remember(new Date(item.getTime()));
      case "RegExp": return remember(new RegExp(item.source, item.flags));
      case "ArrayBuffer": return remember(item.slice(0));
      case "TypedArray": return remember(item.slice());
      case "Error": {
        const types = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
        const made = remember(Object.create((types[item.name] ?? Error).prototype));
        const error = new (types[item.name] ?? Error)(item.message);
        for (const key of ["message", "stack"]) Object.defineProperty(error, key, { value: item[key], writable: true, configurable: true });
        if ("cause" in item) error.cause = copy(item.cause);
        seen.set(item, error);
        return made && error;
      }
      case "Number": case "String": case "Boolean": case "BigInt": return remember(Object(item.valueOf()));
      case "Object": return fill(remember({}));
      default: throw refuse(item);
    }
  };
  return copy(value);
}

function refuse(value) {
  const what = typeof value === "object" ? `#<${value.constructor?.name ?? "Object"}>` : String(value);
  const error = new Error(`${what} could not be cloned.`);
  error.name = "DataCloneError";
  error.code = 25;
  return error;
}
