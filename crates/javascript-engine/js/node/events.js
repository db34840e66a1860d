// Events, as Node.js has them.

export class EventEmitter {
  #listeners = new Map();

  on(name, listener) {
    return this.#add(name, { listener, once: false }, false);
  }

  once(name, listener) {
    return this.#add(name, { listener, once: true }, false);
  }

  prependListener(name, listener) {
    return this.#add(name, { listener, once: false }, true);
  }

  #add(name, entry, first) {
    if (typeof entry.listener !== "function") throw new TypeError('The "listener" argument must be of type function');
    const list = this.#listeners.get(name) ?? [];
    this.#listeners.set(name, first ? [entry, ...list] : [...list, entry]);
    return this;
  }

  off(name, listener) {
    const list = this.#listeners.get(name) ?? [];
    const at = list.findLastIndex((entry) => entry.listener === listener);
    if (at >= 0) this.#listeners.set(name, list.toSpliced(at, 1));
    return this;
  }

  removeAllListeners(name) {
    if (name === undefined) this.#listeners.clear();
    else this.#listeners.delete(name);
    return this;
  }

  emit(name, ...args) {
    const list = this.#listeners.get(name) ?? [];
    if (list.length === 0) {
      if (name === "error") throw args[0] instanceof Error ? args[0] : new Error(`Unhandled error: ${args[0]}`);
      return false;
    }
    for (const entry of list) {
      if (entry.once) this.#listeners.set(name, (this.#listeners.get(name) ?? []).filter((other) => other !== entry));
      entry.listener.apply(this, args);
    }
    return true;
  }

  listenerCount(name) {
    return this.#listeners.get(name)?.length ?? 0;
  }

  listeners(name) {
    return (this.#listeners.get(name) ?? []).map((entry) => entry.listener);
  }

  eventNames() {
    return [...this.#listeners].filter(([, list]) => list.length > 0).map(([name]) => name);
  }

  setMaxListeners() {
    return this;
  }
}
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.removeListener = EventEmitter.prototype.off;
EventEmitter.EventEmitter = EventEmitter;

/** Waits for an event; an event `error` rejects. */
export function once(emitter, name) {
  return new Promise((resolve, reject) => {
    const failed = (error) => {
      emitter.off(name, done);
      reject(error);
    };
    const done = (...args) => {
      emitter.off("error", failed);
      resolve(args);
    };
    emitter.once(name, done);
    if (name !== "error") emitter.once("error", failed);
  });
}
EventEmitter.once = once;

export default EventEmitter;
