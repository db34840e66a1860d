// Timers, immediates and ticks, in the order of Node.js. When they run, the event loop decides.
import native from "internal:native";
import { uncaught } from "internal:errors";

const LONGEST = 2 ** 31 - 1;

/** Timers by when they are due, and among those by when they were made. */
const queue = [];
const active = new Map();
let immediates = [];
let current = [];
const ticks = [];
let number = 0;

function check(callback) {
  if (typeof callback !== "function") {
    const error = new TypeError('The "callback" argument must be of type function');
    error.code = "ERR_INVALID_ARG_TYPE";
    throw error;
  }
}

function insert(timer) {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (queue[middle].due <= timer.due) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, timer);
}

function withdraw(timer) {
  const at = queue.indexOf(timer);
  if (at >= 0) queue.splice(at, 1);
}

class Timeout {
  #counts = true;

  constructor(callback, delay, args, repeats) {
    check(callback);
    const time = Number(delay);
    number += 1;
    this.id = number;
    this.time = time >= 1 && time <= LONGEST ? Math.trunc(time) : 1;
    this.callback = callback;
    this.args = args;
    this.repeats = repeats;
    this.due = native.now() + this.time;
    active.set(this.id, this);
    insert(this);
  }

  /** Lets the run end even though this timer is still to come. */
  unref() {
    this.#counts = false;
    return this;
  }

  ref() {
    this.#counts = true;
    return this;
  }

  hasRef() {
    return this.#counts;
  }

  refresh() {
    withdraw(this);
    this.due = native.now() + this.time;
    active.set(this.id, this);
    insert(this);
    return this;
  }

  close() {
    clearTimeout(this);
    return this;
  }

  [Symbol.toPrimitive]() {
    return this.id;
  }
}

class Immediate {
  constructor(callback, args) {
    check(callback);
    this.callback = callback;
    this.args = args;
  }
}

export function setTimeout(callback, delay, ...args) {
  return new Timeout(callback, delay, args, false);
}

export function setInterval(callback, delay, ...args) {
  return new Timeout(callback, delay, args, true);
}

export function clearTimeout(timer) {
  const found = timer instanceof Timeout ? timer : active.get(Number(timer));
  if (!found) return;
  active.delete(found.id);
  withdraw(found);
}

export const clearInterval = clearTimeout;

export function setImmediate(callback, ...args) {
  const immediate = new Immediate(callback, args);
  immediates.push(immediate);
  return immediate;
}

export function clearImmediate(immediate) {
  if (immediate instanceof Immediate) immediate.callback = null;
}

export function queueMicrotask(callback) {
  check(callback);
  Promise.resolve().then(() => run(callback, []));
}

export function nextTick(callback, ...args) {
  check(callback);
  ticks.push({ callback, args });
}

function run(callback, args) {
  try {
    callback(...args);
  } catch (error) {
    uncaught(error);
  }
}

export const hooks = {
  /** Runs the first timer that is due; whether there was one. */
  runTimer() {
    const [timer] = queue;
    if (!timer || timer.due > native.now()) return false;
    queue.shift();
    if (!timer.repeats) active.delete(timer.id);
    run(timer.callback, timer.args);
    if (timer.repeats && active.has(timer.id) && !queue.includes(timer)) {
      timer.due = native.now() + timer.time;
      insert(timer);
    }
    return true;
  },
  /** How long the loop may sleep, in milliseconds; below 0: nothing will come. */
  wait() {
    if (immediates.length > 0) return 0;
    if (!queue.some((timer) => timer.hasRef())) return -1;
    return Math.max(0, queue[0].due - native.now());
  },
  /** Takes the immediates of this turn; how many there are. */
  takeImmediates() {
    current = immediates;
    immediates = [];
    return current.length;
  },
  runImmediate() {
    const { callback, args } = current.shift();
    if (callback) run(callback, args);
  },
  /** Runs all ticks; whether there were any. */
  runTicks() {
    if (ticks.length === 0) return false;
    while (ticks.length > 0) {
      const { callback, args } = ticks.shift();
      run(callback, args);
    }
    return true;
  },
  /** Lets go of ticks that have not run. */
  forgetTicks() {
    ticks.length = 0;
  },
};
