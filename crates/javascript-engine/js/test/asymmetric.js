// Stand-ins for expected values: `expect.any(Number)` and its kin.
import { equal } from "internal:equality";

const custom = Symbol.for("nodejs.util.inspect.custom");

/** A value that decides itself what equals it. */
export class Asymmetric {
  constructor(name, matches) {
    this.matches = matches;
    this.name = name;
  }

  [custom]() {
    return this.name;
  }
}

/** Whether two values are equal where one may be a stand-in; undefined where neither is. */
export function asymmetric(a, b) {
  if (b instanceof Asymmetric) return Boolean(b.matches(a));
  if (a instanceof Asymmetric) return Boolean(a.matches(b));
  return undefined;
}

const same = (a, b) => equal(a, b, { strict: false, asymmetric });

/** Whether an object has at least what a pattern has, at every depth. */
export function includes(value, pattern) {
  const decided = asymmetric(value, pattern);
  if (decided !== undefined) return decided;
  if (typeof pattern !== "object" || pattern === null || typeof value !== "object" || value === null) return same(value, pattern);
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && value.length === pattern.length && pattern.every((item, at) => includes(value[at], item));
  }
  if (Object.getPrototypeOf(pattern) !== Object.prototype && Object.getPrototypeOf(pattern) !== null) return same(value, pattern);
  return Reflect.ownKeys(pattern).every((key) => key in value && includes(value[key], pattern[key]));
}

function isOf(value, type) {
  const primitives = new Map([[String, "string"], [Number, "number"], [Boolean, "boolean"], [BigInt, "bigint"], [Symbol, "symbol"], [Function, "function"]]);
  if (primitives.has(type)) return typeof value === primitives.get(type) || value instanceof type;
  return type === Object ? typeof value === "object" && value !== null : value instanceof type;
}

const kinds = {
  any: (type) => ["Any<" + type.name + ">", (value) => isOf(value, type)],
  anything: () => ["Anything", (value) => value !== null && value !== undefined],
  objectContaining: (pattern) => ["ObjectContaining", (value) => value !== null && typeof value === "object" && Reflect.ownKeys(pattern).every((key) => key in value && same(value[key], pattern[key]))],
  arrayContaining: (items) => ["ArrayContaining", (value) => Array.isArray(value) && items.every((item) => value.some((other) => same(other, item)))],
  stringContaining: (part) => [`StringContaining "${part}"`, (value) => typeof value === "string" && value.includes(part)],
  stringMatching: (pattern) => [`StringMatching ${pattern}`, (value) => typeof value === "string" && new RegExp(pattern).test(value)],
  closeTo: (number, digits = 2) => [`CloseTo ${number}`, (value) => typeof value === "number" && isClose(value, number, digits)],
};

export function isClose(a, b, digits = 2) {
  return Object.is(a, b) || a === b || Math.abs(a - b) < 10 ** -digits / 2;
}

/** `expect.any` and its kin. */
export const stands = Object.fromEntries(Object.entries(kinds).map(([name, make]) => [name, (...args) => new Asymmetric(...make(...args))]));
/** The same, the other way round. */
export const opposites = Object.fromEntries(Object.entries(kinds).map(([name, make]) => [name, (...args) => {
  const [title, matches] = make(...args);
  return new Asymmetric(`Not${title}`, (value) => !matches(value));
}]));
