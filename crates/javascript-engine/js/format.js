// What console.log makes of its arguments: `%s` and its kin.
import { inspect } from "internal:inspect";

/** What console.log makes of its arguments: `%s`, `%d` and their kin in the first, then the rest with spaces. */
export function formatArguments(args, options = {}) {
  const rest = [...args];
  let text = "";
  let separator = "";
  if (typeof rest[0] === "string") {
    const template = rest.shift();
    if (rest.length === 0) return template;
    text = template.replace(/%[sdifjoOc%]/g, (mark) => {
      if (mark === "%%") return "%";
      if (rest.length === 0) return mark;
      const value = rest.shift();
      switch (mark) {
        case "%s": return stringOf(value, options);
        case "%d": return numberOf(value, Number);
        case "%i": return numberOf(value, Number.parseInt);
        case "%f": return `${typeof value === "symbol" ? NaN : Number.parseFloat(value)}`;
        case "%j": return jsonOf(value);
        case "%o": return inspect(value, { ...options, showHidden: true, depth: 4 });
        case "%O": return inspect(value, options);
        default: return "";
      }
    });
    separator = " ";
  }
  for (const value of rest) {
    text += separator + (typeof value === "string" ? value : inspect(value, options));
    separator = " ";
  }
  return text;
}

function stringOf(value, options) {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return typeof value === "function" ? inspect(value, options) : String(value);
  if (typeof value.toString === "function" && !Object.values(builtinToString).includes(value.toString)) return String(value);
  return inspect(value, { ...options, depth: 0, colors: false });
}
const builtinToString = { object: Object.prototype.toString, array: Array.prototype.toString };

function numberOf(value, convert) {
  if (typeof value === "bigint") return `${value}n`;
  return typeof value === "symbol" || typeof value === "object" ? `${NaN}` : number(convert(value));
}

function jsonOf(value) {
  try {
    return `${JSON.stringify(value)}`;
  } catch (error) {
    return /circular/i.test(`${error.message}`) ? "[Circular]" : `[${error.message}]`;
  }
}

function number(value) {
  return Object.is(value, -0) ? "-0" : `${value}`;
}
