// exit: 1
setTimeout(() => console.log("never"), 20);
setTimeout(() => { throw new Error("in a timer"); }, 1);
