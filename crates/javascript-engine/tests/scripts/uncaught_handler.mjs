process.on("uncaughtException", (e, origin) => console.log("caught", e.message, origin));
process.on("unhandledRejection", (reason) => console.log("rejection", reason));
setTimeout(() => { throw new Error("one"); });
Promise.reject("two");
setTimeout(() => console.log("goes on"), 5);
