// exit: 1
Promise.reject(new Error("handled later")).catch(() => console.log("handled"));
const late = Promise.reject(1); queueMicrotask(() => late.catch(() => console.log("handled in time")));
setTimeout(() => { Promise.reject(new RangeError("nobody")); }, 1);
setTimeout(() => console.log("never"), 10);
