const log = (x) => console.log(x);
process.nextTick(log, "tick"); Promise.resolve().then(() => log("micro")); queueMicrotask(() => log("micro 2"));
setTimeout(() => {
  setImmediate(() => { log("immediate 1"); setImmediate(log, "immediate 3"); process.nextTick(log, "tick between"); });
  setImmediate(log, "immediate 2"); setTimeout(log, 30, "last"); log("timeout");
}, 5);
log([typeof require, typeof module, typeof exports, typeof __dirname]); log(this === module.exports);
