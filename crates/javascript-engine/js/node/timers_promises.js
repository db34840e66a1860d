// Timers to wait for.
import * as timers from "internal:timers";

export function setTimeout(delay, value) {
  return new Promise((resolve) => { timers.setTimeout(resolve, delay, value); });
}

export function setImmediate(value) {
  return new Promise((resolve) => { timers.setImmediate(resolve, value); });
}

export async function* setInterval(delay, value) {
  for (;;) yield await setTimeout(delay, value);
}

export const scheduler = { wait: (delay) => setTimeout(delay), yield: () => setImmediate() };
export default { setTimeout, setImmediate, setInterval, scheduler };
