// The module bun:test, which test files import; the same is there as globals.
import { afterAll, afterEach, beforeAll, beforeEach, describe, test } from "internal:test/suite";
import { expect } from "internal:test/expect";
import { mock, spyOn } from "internal:test/mock";

const it = test;
const jest = {
  fn: mock,
  spyOn,
  useFakeTimers() {
    throw new Error("jest.useFakeTimers() is not supported by this engine");
  },
};
const vi = jest;

export { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, mock, spyOn, test, vi };
export default { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, mock, spyOn, test, vi };
