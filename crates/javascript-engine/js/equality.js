// Whether two structures are equal: for util.isDeepStrictEqual and for tests.
import native from "internal:native";

/** `strict`: types, holes and undefined properties count. `asymmetric(a, b)` may decide first: true, false or undefined. */
export function equal(a, b, { strict = true, asymmetric = () => undefined } = {}) {
  const seen = new Map();
  const same = (left, right) => {
    const decided = asymmetric(left, right);
    if (decided !== undefined) return decided;
    if (Object.is(left, right)) return true;
    if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
    if (seen.get(left) === right) return true;
    const kind = native.kind(left);
    if (kind !== native.kind(right)) return false;
    if (strict && Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
    seen.set(left, right);
    const result = inside(kind, left, right) && properties(left, right);
    seen.delete(left);
    return result;
  };
  const properties = (left, right) => {
    const keys = (value) => Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key) && (strict || value[key] !== undefined));
    const [mine, others] = [keys(left), keys(right)];
    return mine.length === others.length && mine.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]));
  };
  const inside = (kind, left, right) => {
    switch (kind) {
      case "Array": return left.length === right.length;
      case "TypedArray": return left.constructor === right.constructor && left.length === right.length;
      case "ArrayBuffer": return same(new Uint8Array(left), new Uint8Array(right));
      case "Date": return Object.is(left.getTime(), right.getTime());
      case "RegExp": return left.source === right.source && left.flags === right.flags;
      case "Error": return left.name === right.name && left.message === right.message;
      case "Number": case "String": case "Boolean": case "BigInt": case "Symbol": return Object.is(left.valueOf(), right.valueOf());
      case "Promise": case "WeakMap": case "WeakSet": case "Function": return false;
      case "Map": return left.size === right.size && [...left].every(([key, value]) => (
        right.has(key) ? same(value, right.get(key)) : [...right].some(([other, item]) => same(key, other) && same(value, item))));
      case "Set": return left.size === right.size && [...left].every((value) => right.has(value) || [...right].some((other) => same(value, other)));
      default: return true;
    }
  };
  return same(a, b);
}
