// What console.table prints.
import { inspect } from "internal:inspect";

const VALUES = "Values";

function cell(value) {
  return inspect(value, { depth: value !== null && typeof value === "object" ? -1 : 0 });
}

function rowsOf(data) {
  if (data instanceof Map) return { rows: [...data].map(([key, value], at) => [`${at}`, key, value]), first: "(iteration index)", map: true };
  if (data instanceof Set) return { rows: [...data].map((value, at) => [`${at}`, value]), first: "(iteration index)" };
  return { rows: Object.keys(data).map((key) => [key, data[key]]), first: "(index)" };
}

/** Rows of an array, an object, a map or a set, drawn as a table. */
export function table(data, only) {
  const { rows, first, map } = rowsOf(data);
  if (map) return draw([first, "Key", VALUES], rows.map(([at, key, value]) => [at, cell(key), cell(value)]));
  const columns = [];
  let plain = false;
  for (const [, value] of rows) {
    if (value === null || typeof value !== "object") {
      plain = true;
      continue;
    }
    for (const key of only ?? Object.keys(value)) if (!columns.includes(key)) columns.push(key);
  }
  const head = [first, ...columns, ...(plain ? [VALUES] : [])];
  const body = rows.map(([key, value]) => {
    const inner = value !== null && typeof value === "object";
    const cells = columns.map((column) => (inner && Object.hasOwn(value, column) ? cell(value[column]) : ""));
    return [key, ...cells, ...(plain ? [inner ? "" : cell(value)] : [])];
  });
  return draw(head, body);
}

function draw(head, body) {
  const widths = head.map((text, at) => Math.max(text.length, ...body.map((row) => row[at].length)) + 2);
  const line = (cells) => `│${cells.map((text, at) => ` ${text.padEnd(widths[at] - 1)}`).join("│")}│`;
  const rule = (left, middle, right) => left + widths.map((width) => "─".repeat(width)).join(middle) + right;
  return [rule("┌", "┬", "┐"), line(head), rule("├", "┼", "┤"), ...body.map(line), rule("└", "┴", "┘")].join("\n");
}
