// The plugin `greeter` in JavaScript.

import { JournalCaller, Tone, bundle, close } from "./guest.js";

class Polite {
  constructor() {
    this.journal = new JournalCaller();
  }

  // The end of an instance.
  destroy_() {
    close(this.journal);
  }

  greet(name, style) {
    if (name === "") throw Object.assign(new Error("whom shall I greet?"), { code: 300 });
    const greeting = style.tone === Tone.Loud ? `HELLO, ${name.toUpperCase()}!` : `Hello, ${name}.`;
    return Array(style.times).fill(greeting).join(" ");
  }

  greet_all(names) {
    return names.map((name) => {
      this.journal.write(`greeted ${name}`);
      return this.greet(name, { tone: Tone.Plain, times: 1 });
    });
  }
}

export default bundle({ greeter: Polite });
