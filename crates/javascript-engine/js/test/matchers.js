// What can be expected of a value. A matcher gives whether it holds, and for messages what was expected and came, if
// there is more to say than its arguments.
import { equal } from "internal:equality";
import { inspect } from "internal:inspect";
import { asymmetric, includes, isClose } from "internal:test/asymmetric";
import { callsOf } from "internal:test/mock";

const same = (a, b) => equal(a, b, { strict: false, asymmetric });
const identical = (a, b) => equal(a, b, { strict: true, asymmetric });
const compare = (pass, expected, received) => ({ pass, compared: true, expected, received });

function contains(value, item, match) {
  if (typeof value === "string") return value.includes(item);
  if (typeof value?.[Symbol.iterator] !== "function") throw new TypeError(`${inspect(value)} is nothing that contains`);
  return [...value].some((other) => match(other, item));
}

function propertyAt(value, path) {
  const keys = Array.isArray(path) ? path : `${path}`.replaceAll(/\[(\w+)\]/g, ".$1").split(".");
  let at = value;
  for (const key of keys) {
    if (at === null || at === undefined || !(key in Object(at))) return { found: false };
    at = at[key];
  }
  return { found: true, value: at };
}

/** Whether what was thrown is what was expected: nothing said, a part of the message, a pattern, a class, an error. */
function isExpectedError(thrown, expected) {
  const message = thrown instanceof Error || typeof thrown?.message === "string" ? thrown.message : `${thrown}`;
  if (expected === undefined) return true;
  if (typeof expected === "string") return message.includes(expected);
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === "function") return thrown instanceof expected;
  const decided = asymmetric(thrown, expected);
  return decided ?? message === expected.message;
}

function throws(value, expected) {
  let thrown;
  let did = true;
  if (value?.isThrown) thrown = value.thrown;
  else {
    if (typeof value !== "function") throw new TypeError("toThrow() needs a function");
    try {
      value();
      did = false;
    } catch (error) {
      thrown = error;
    }
  }
  const received = did ? `it threw ${inspect(thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : thrown)}` : "it threw nothing";
  return { pass: did && isExpectedError(thrown, expected), said: received };
}

const numeric = (test) => (value, other) => {
  for (const one of [value, other]) if (typeof one !== "number" && typeof one !== "bigint") throw new TypeError(`${inspect(one)} is no number`);
  return test(value, other);
};

export const matchers = {
  toBe: (value, expected) => compare(Object.is(value, expected), expected, value),
  toEqual: (value, expected) => compare(same(value, expected), expected, value),
  toStrictEqual: (value, expected) => compare(identical(value, expected), expected, value),
  toMatchObject: (value, expected) => compare(includes(value, expected), expected, value),
  toBeTruthy: (value) => Boolean(value),
  toBeFalsy: (value) => !value,
  toBeNull: (value) => value === null,
  toBeUndefined: (value) => value === undefined,
  toBeDefined: (value) => value !== undefined,
  toBeNaN: (value) => Number.isNaN(value),
  toBeTrue: (value) => value === true,
  toBeFalse: (value) => value === false,
  toBeArray: (value) => Array.isArray(value),
  toBeFunction: (value) => typeof value === "function",
  toBeTypeOf: (value, type) => typeof value === type,
  toBeInstanceOf: (value, type) => value instanceof type,
  toBeGreaterThan: numeric((value, other) => value > other),
  toBeGreaterThanOrEqual: numeric((value, other) => value >= other),
  toBeLessThan: numeric((value, other) => value < other),
  toBeLessThanOrEqual: numeric((value, other) => value <= other),
  toBeCloseTo: numeric((value, other) => isClose(value, other)),
  toBeOneOf: (value, list) => [...list].some((item) => same(value, item)),
  toBeEmpty: (value) => (value?.length ?? value?.size ?? Object.keys(value).length) === 0,
  toContain: (value, item) => contains(value, item, (a, b) => Object.is(a, b)),
  toContainEqual: (value, item) => contains(value, item, same),
  toContainKey: (value, key) => Object.hasOwn(value, key),
  toHaveLength: (value, length) => ({ pass: value?.length === length, said: `its length is ${inspect(value?.length)}` }),
  toHaveProperty(value, path, ...expected) {
    const { found, value: own } = propertyAt(value, path);
    return expected.length === 0 || !found ? found && expected.length === 0 : compare(same(own, expected[0]), expected[0], own);
  },
  toMatch(value, pattern) {
    if (typeof value !== "string") throw new TypeError(`${inspect(value)} is no string`);
    return typeof pattern === "string" ? value.includes(pattern) : new RegExp(pattern).test(value);
  },
  toStartWith: (value, start) => `${value}`.startsWith(start),
  toEndWith: (value, end) => `${value}`.endsWith(end),
  toThrow: throws,
  toThrowError: throws,
  toHaveBeenCalled: (value) => callsOf(value).length > 0,
  toHaveBeenCalledTimes: (value, times) => ({ pass: callsOf(value).length === times, said: `it was called ${callsOf(value).length} times` }),
  toHaveBeenCalledWith: (value, ...args) => ({ pass: callsOf(value).some((call) => same(call, args)), said: `it was called with ${inspect(callsOf(value))}` }),
  toHaveBeenLastCalledWith: (value, ...args) => compare(same(callsOf(value).at(-1), args), args, callsOf(value).at(-1)),
};
matchers.toBeCloseTo = (value, other, digits) => numeric((a, b) => isClose(a, b, digits))(value, other);

for (const name of ["toMatchSnapshot", "toMatchInlineSnapshot", "toThrowErrorMatchingSnapshot", "toThrowErrorMatchingInlineSnapshot"]) {
  matchers[name] = () => {
    throw new Error(`${name}() is not supported: this engine keeps no snapshots`);
  };
}
