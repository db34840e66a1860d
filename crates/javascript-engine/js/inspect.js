// Values as text for people: what console.log and the REPL print. Follows what Node.js prints, so that output can be
// compared with it.
import native from "internal:native";

const BREAK_LENGTH = 80;
const COMPACT = 3;
const MAX_ITEMS = 100;
const MAX_STRING = 10000;
const IDENTIFIER = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
const custom = Symbol.for("nodejs.util.inspect.custom");

const STYLES = {
  number: [33, 39], bigint: [33, 39], boolean: [33, 39], string: [32, 39], symbol: [32, 39], undefined: [90, 39],
  null: [1, 22], special: [36, 39], date: [35, 39], regexp: [31, 39],
};

/** The text of a value. Options: depth (2), colors, showHidden, breakLength (80), compact (3); bare: no brackets around an error. */
export function inspect(value, options = {}) {
  const depth = options.depth === null ? Infinity : options.depth ?? 2;
  const context = {
    depth, colors: Boolean(options.colors), showHidden: Boolean(options.showHidden), bare: Boolean(options.bare),
    breakLength: options.breakLength ?? BREAK_LENGTH, compact: options.compact === false ? 0 : options.compact ?? COMPACT,
    seen: [], circular: new Map(), indentation: 0, currentDepth: 0,
  };
  return format(context, value, 0, true);
}
inspect.custom = custom;

function paint(context, text, style) {
  if (!context.colors || !STYLES[style]) return text;
  const [on, off] = STYLES[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

function quote(text) {
  let mark = "'";
  if (text.includes("'")) mark = !text.includes('"') ? '"' : !text.includes("`") && !text.includes("${") ? "`" : "'";
  const escapes = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\\": "\\\\" };
  let result = "";
  for (const letter of text) {
    const code = letter.codePointAt(0);
    if (letter === mark) result += `\\${letter}`;
    else if (escapes[letter]) result += escapes[letter];
    else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) result += `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
    else if (code >= 0xd800 && code <= 0xdfff) result += `\\u${code.toString(16)}`;
    else result += letter;
  }
  return mark + result + mark;
}

function formatPrimitive(context, value) {
  switch (typeof value) {
    case "string": {
      const cut = value.length > MAX_STRING ? value.length - MAX_STRING : 0;
      const text = cut ? value.slice(0, MAX_STRING) : value;
      const more = cut ? `... ${cut} more character${cut > 1 ? "s" : ""}` : "";
      const long = context.compact !== 0 && text.length > 16 && text.length > context.breakLength - context.indentation - 4;
      const parts = long && text.includes("\n") ? text.split(/(?<=\n)/) : [text];
      return parts.map((part) => paint(context, quote(part), "string")).join(` +\n${" ".repeat(context.indentation + 2)}`) + more;
    }
    case "number": return paint(context, Object.is(value, -0) ? "-0" : `${value}`, "number");
    case "bigint": return paint(context, `${value}n`, "bigint");
    case "boolean": return paint(context, `${value}`, "boolean");
    case "symbol": return paint(context, value.toString(), "symbol");
    case "undefined": return paint(context, "undefined", "undefined");
    default: return paint(context, "null", "null");
  }
}

function format(context, value, level, top = false) {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return formatPrimitive(context, value);
  const target = native.proxyTarget(value);
  if (target !== undefined) return format(context, target, level, top);
  const own = value[custom];
  if (typeof own === "function" && own !== inspect) {
    const result = own.call(value, context.depth - level, { ...context, stylize: (text, style) => paint(context, text, style) }, inspect);
    if (result !== value) {
      return typeof result === "string" ? result.replaceAll("\n", `\n${" ".repeat(context.indentation)}`) : format(context, result, level);
    }
  }
  if (context.seen.includes(value)) {
    if (!context.circular.has(value)) context.circular.set(value, context.circular.size + 1);
    return paint(context, `[Circular *${context.circular.get(value)}]`, "special");
  }
  return formatObject(context, value, level);
}

/** The name of the nearest constructor, and whether it had to be looked for at all. */
function constructorName(value) {
  for (let at = value; at; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, "constructor");
    if (descriptor && typeof descriptor.value === "function" && descriptor.value.name !== "" && isInstance(value, descriptor.value)) {
      return descriptor.value.name;
    }
  }
  return null;
}

function isInstance(value, constructor) {
  try {
    return value instanceof constructor;
  } catch {
    return false;
  }
}

function prefix(name, tag, fallback, size = "") {
  const tagged = tag !== "" && tag !== name ? `[${tag}] ` : "";
  if (name === null) return `[${fallback}${size}: null prototype] ${tagged}`;
  return `${name}${size} ${tagged}`;
}

function visibleKeys(context, value) {
  const keys = context.showHidden ? Object.getOwnPropertyNames(value) : Object.keys(value);
  const symbols = Object.getOwnPropertySymbols(value);
  return keys.concat(symbols.filter((key) => context.showHidden || Object.prototype.propertyIsEnumerable.call(value, key)));
}

/** What kind of object it is: how it opens and closes, what stands before that, and what is in it. */
function shape(context, value, level) {
  const name = constructorName(value);
  let tag = "";
  try {
    tag = value[Symbol.toStringTag] ?? "";
  } catch {
    // A getter that fails has nothing to say.
  }
  if (typeof tag !== "string" || tag === name) tag = "";
  const kind = native.kind(value);
  const inner = (item) => {
    context.indentation += 2;
    const text = format(context, item, level);
    context.indentation -= 2;
    return text;
  };
  let keys = visibleKeys(context, value);
  const indexless = () => keys.filter((key) => typeof key === "symbol" || !/^(0|[1-9][0-9]*)$/.test(key));
  const braces = ["{", "}"];
  switch (kind) {
    case "Array": {
      keys = indexless();
      if (context.showHidden) keys = ["length", ...keys.filter((key) => key !== "length")];
      braces[0] = `${name === "Array" && tag === "" ? "" : prefix(name, tag, "Array", `(${value.length})`)}[`;
      braces[1] = "]";
      return { braces, keys, items: () => arrayItems(context, value, level), array: true };
    }
    case "Set":
      braces[0] = `${prefix(name, tag, "Set", `(${value.size})`)}{`;
      return { braces, keys, items: () => limited([...Set.prototype.values.call(value)], inner) };
    case "Map":
      braces[0] = `${prefix(name, tag, "Map", `(${value.size})`)}{`;
      return { braces, keys, items: () => limited([...Map.prototype.entries.call(value)], ([key, item]) => `${inner(key)} => ${inner(item)}`) };
    case "TypedArray":
      keys = indexless();
      braces[0] = `${prefix(name, tag, name, `(${value.length})`)}[`;
      braces[1] = "]";
      return { braces, keys, items: () => limited(value, inner), array: true };
    case "ArrayBuffer": {
      braces[0] = `${prefix(name, tag, "ArrayBuffer")}{`;
      const bytes = new Uint8Array(value);
      const hex = [...bytes.subarray(0, 50)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
      const more = bytes.length > 50 ? ` ... ${bytes.length - 50} more byte${bytes.length > 51 ? "s" : ""}` : "";
      return { braces, keys, items: () => [`${paint(context, "[Uint8Contents]", "special")}: <${hex}${more}>`, `byteLength: ${inner(value.byteLength)}`] };
    }
    case "Promise": {
      braces[0] = `${prefix(name, tag, "Promise")}{`;
      const [state, result] = native.promiseState(value);
      const pending = () => [paint(context, "<pending>", "special")];
      const items = state === "pending" ? pending : () => [state === "rejected" ? `${paint(context, "<rejected>", "special")} ${inner(result)}` : inner(result)];
      return { braces, keys, items };
    }
    case "WeakSet":
    case "WeakMap":
      braces[0] = `${prefix(name, tag, kind)}{`;
      return { braces, keys, items: () => [paint(context, "<items unknown>", "special")] };
    case "Function": return { braces, keys, base: paint(context, functionBase(value, name, tag), "special") };
    case "RegExp": return { braces, keys, base: paint(context, RegExp.prototype.toString.call(value), "regexp") };
    case "Date": {
      const text = Number.isNaN(Date.prototype.getTime.call(value)) ? "Invalid Date" : Date.prototype.toISOString.call(value);
      return { braces, keys, base: paint(context, text, "date") };
    }
    case "Error": {
      keys = keys.filter((key) => key !== "stack" && key !== "message" && !(key === "name" && Object.hasOwn(value, "name")));
      if (Object.hasOwn(value, "cause") && !keys.includes("cause")) keys.push("cause");
      if (Array.isArray(value.errors) && !keys.includes("errors")) keys.push("errors");
      return { braces, keys, base: errorBase(context, value) };
    }
    case "Number": case "String": case "Boolean": case "Symbol": case "BigInt": {
      if (kind === "String") keys = keys.slice(value.length);
      const text = format({ ...context, colors: false }, value.valueOf(), 0);
      return { braces, keys, base: paint(context, `[${kind}${name === kind ? "" : ` (${name})`}: ${text}]`, kind.toLowerCase()) };
    }
    case "Arguments":
      return { braces: ["[Arguments] {", "}"], keys };
    case "Module":
      return { braces: ["[Module: null prototype] {", "}"], keys };
    default: {
      if (name === "Object" && tag === "") return { braces, keys };
      braces[0] = `${prefix(name, tag, "Object")}{`;
      if (keys.length === 0) return { braces, keys, base: `${braces[0]}}` };
      return { braces, keys };
    }
  }
}

function functionBase(value, name, tag) {
  const source = Function.prototype.toString.call(value);
  if (source.startsWith("class")) {
    const parent = Object.getPrototypeOf(value)?.name;
    return `[class ${value.name || "(anonymous)"}${parent ? ` extends ${parent}` : ""}]`;
  }
  const type = name ?? "Function";
  return `[${type}${name === null ? " (null prototype)" : ""}${value.name ? `: ${value.name}` : " (anonymous)"}]${tag && tag !== type ? ` [${tag}]` : ""}`;
}

/** The first line of an error, and where it came from. */
export function errorText(error, bare = false) {
  let head;
  try {
    const name = error.name ?? constructorName(error) ?? "Error";
    const message = error.message ?? "";
    head = message === "" ? `${name}` : `${name}: ${message}`;
    const code = error.code;
    if (typeof code === "string" && /^ERR_/.test(code) && name === "Error") head = `${name} [${code}]: ${message}`;
  } catch {
    head = "Error";
  }
  const lines = typeof error.stack === "string" ? error.stack.trimEnd().split("\n") : [];
  // What the engine itself did on the way is nobody's business.
  const stack = lines.filter((line) => !/^\s*at .*\((internal|node):|^\s*at .*\(native\)$/.test(line)).join("\n");
  if (stack === "") return bare ? head : `[${head}]`;
  return /^\s*at /.test(stack) ? `${head}\n${stack}` : stack;
}

function errorBase(context, value) {
  const text = errorText(value, context.bare && context.seen.length === 0);
  return context.indentation === 0 ? text : text.replaceAll("\n", `\n${" ".repeat(context.indentation)}`);
}

function limited(items, each) {
  const shown = Array.from({ length: Math.min(items.length, MAX_ITEMS) }, (_, index) => each(items[index]));
  const rest = items.length - shown.length;
  if (rest > 0) shown.push(`... ${rest} more item${rest > 1 ? "s" : ""}`);
  return shown;
}

function arrayItems(context, value, level) {
  const shown = [];
  let index = 0;
  while (index < value.length && shown.length < MAX_ITEMS) {
    if (Object.hasOwn(value, index)) {
      shown.push(property(context, value, index, level, true));
      index += 1;
      continue;
    }
    const start = index;
    while (index < value.length && !Object.hasOwn(value, index)) index += 1;
    const holes = index - start;
    shown.push(paint(context, `<${holes} empty item${holes > 1 ? "s" : ""}>`, "undefined"));
  }
  const rest = value.length - index;
  if (rest > 0) shown.push(`... ${rest} more item${rest > 1 ? "s" : ""}`);
  return shown;
}

function property(context, value, key, level, item = false) {
  const descriptor = Object.getOwnPropertyDescriptor(value, key) ?? { value: value[key], enumerable: true };
  let text;
  if (descriptor.get || descriptor.set) {
    const what = descriptor.get ? (descriptor.set ? "[Getter/Setter]" : "[Getter]") : "[Setter]";
    text = paint(context, what, "special");
  } else {
    context.indentation += 2;
    text = format(context, descriptor.value, level);
    context.indentation -= 2;
  }
  if (item) return text;
  let name;
  if (typeof key === "symbol") name = `[${paint(context, key.toString(), "symbol")}]`;
  else if (key === "__proto__") name = "['__proto__']";
  else if (!descriptor.enumerable) name = `[${key}]`;
  else name = IDENTIFIER.test(key) ? key : paint(context, quote(key), "string");
  return `${name}: ${text}`;
}

function formatObject(context, value, level) {
  const { braces, keys, base = "", items, array } = shape(context, value, level + 1);
  if (keys.length === 0 && !items) return base === "" ? `${braces[0]}}` : base;
  if (level > context.depth) {
    const name = constructorName(value) ?? "Object: null prototype";
    return paint(context, `[${Array.isArray(value) ? "Array" : name}]`, "special");
  }
  context.seen.push(value);
  context.currentDepth = level;
  const output = items ? items() : [];
  for (const key of keys) output.push(property(context, value, key, level + 1));
  context.seen.pop();
  let opening = base;
  if (context.circular.has(value)) {
    const reference = paint(context, `<ref *${context.circular.get(value)}>`, "special");
    if (base === "") braces[0] = `${reference} ${braces[0]}`;
    else opening = `${reference} ${base}`;
  }
  if (output.length === 0) return `${opening ? `${opening} ` : ""}${braces[0]}${braces[1]}`;
  return join(context, output, opening, braces, array ? value : undefined, level);
}

function join(context, items, base, braces, array, level) {
  let output = items;
  if (context.compact >= 1) {
    if (array !== undefined && items.length > 6) output = columns(context, items, array);
    if (context.currentDepth - level < context.compact && output.length === items.length) {
      const start = output.length + context.indentation + braces[0].length + base.length + 10;
      const total = output.reduce((sum, text) => sum + width(context, text), output.length + start);
      if (total <= context.breakLength && !base.includes("\n")) {
        const joined = output.join(", ");
        if (!joined.includes("\n")) return `${base ? `${base} ` : ""}${braces[0]} ${joined} ${braces[1]}`;
      }
    }
  }
  const indentation = `\n${" ".repeat(context.indentation)}`;
  return `${base ? `${base} ` : ""}${braces[0]}${indentation}  ${output.join(`,${indentation}  `)}${indentation}${braces[1]}`;
}

function width(context, text) {
  return context.colors ? text.replaceAll(/\x1b\[\d+m/g, "").length : text.length;
}

/** Arranges many short items of an array in columns. */
function columns(context, output, array) {
  const count = array.length > MAX_ITEMS ? output.length - 1 : output.length;
  const widths = output.slice(0, count).map((text) => width(context, text));
  const longest = Math.max(...widths);
  const total = widths.reduce((sum, one) => sum + one + 2, 0);
  const widest = longest + 2;
  if (widest * 3 + context.indentation >= context.breakLength || !(total / widest > 5 || longest <= 6)) return output;
  const biased = Math.max(widest - 3 - Math.sqrt(widest - total / output.length), 1);
  const across = Math.min(
    Math.round(Math.sqrt(2.5 * biased * count) / biased),
    Math.floor((context.breakLength - context.indentation) / widest), context.compact * 4, 15);
  if (across <= 1) return output;
  const columnWidths = Array.from({ length: across }, (_, column) => {
    let most = 0;
    for (let at = column; at < count; at += across) most = Math.max(most, widths[at]);
    return most + 2;
  });
  let numeric = true;
  for (let at = 0; at < output.length && numeric; at += 1) numeric = typeof array[at] === "number" || typeof array[at] === "bigint";
  const rows = [];
  for (let at = 0; at < count; at += across) {
    const end = Math.min(at + across, count);
    let row = "";
    for (let index = at; index < end; index += 1) {
      const last = index === end - 1;
      const text = last ? output[index] : `${output[index]}, `;
      const room = columnWidths[index - at] + text.length - widths[index] - 2;
      if (numeric) row += text.padStart(room, " ");
      else row += last ? text : text.padEnd(room, " ");
    }
    rows.push(row);
  }
  if (count < output.length) rows.push(output[count]);
  return rows;
}
