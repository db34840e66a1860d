// Functions that remember how they were called.

const isMock = Symbol("mock");

/** The calls of such a function. */
export function callsOf(value) {
  if (!value?.[isMock]) throw new TypeError("this needs a function made by mock() or spyOn()");
  return value.mock.calls;
}

/** A function that remembers its calls; `work` is what it does. */
export function mock(work = () => undefined) {
  let doing = work;
  const next = [];
  const fake = function fake(...args) {
    const now = next.shift() ?? doing;
    fake.mock.calls.push(args);
    try {
      const value = now.apply(this, args);
      fake.mock.results.push({ type: "return", value });
      return value;
    } catch (error) {
      fake.mock.results.push({ type: "throw", value: error });
      throw error;
    }
  };
  fake[isMock] = true;
  fake.mock = { calls: [], results: [], get lastCall() { return this.calls.at(-1); } };
  fake.mockClear = () => {
    fake.mock.calls.length = 0;
    fake.mock.results.length = 0;
    return fake;
  };
  fake.mockReset = () => {
    next.length = 0;
    doing = () => undefined;
    return fake.mockClear();
  };
  fake.mockImplementation = (other) => {
    doing = other;
    return fake;
  };
  fake.mockImplementationOnce = (other) => {
    next.push(other);
    return fake;
  };
  fake.mockReturnValue = (value) => fake.mockImplementation(() => value);
  fake.mockReturnValueOnce = (value) => fake.mockImplementationOnce(() => value);
  fake.mockResolvedValue = (value) => fake.mockImplementation(async () => value);
  fake.mockRejectedValue = (value) => fake.mockImplementation(async () => { throw value; });
  fake.mockRestore = () => fake.mockReset();
  return fake;
}

/** Puts such a function in the place of a method, which it calls until it is told otherwise. */
export function spyOn(object, name) {
  const original = object[name];
  const spy = mock(original);
  spy.mockRestore = () => {
    object[name] = original;
    return spy;
  };
  object[name] = spy;
  return spy;
}
