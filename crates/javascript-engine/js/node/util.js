// The part of node:util that is about values.
import { equal } from "internal:equality";
import { formatArguments } from "internal:format";
import { inspect } from "internal:inspect";
import { TextDecoder, TextEncoder } from "internal:text";

export { inspect, TextDecoder, TextEncoder };

export function format(...args) {
  return formatArguments(args);
}

export function isDeepStrictEqual(a, b) {
  return equal(a, b);
}

export function promisify(callee) {
  return (...args) => new Promise((resolve, reject) => {
    callee(...args, (error, value) => (error ? reject(error) : resolve(value)));
  });
}

export function inherits(constructor, parent) {
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

export default { inspect, TextDecoder, TextEncoder, format, isDeepStrictEqual, promisify, inherits };
