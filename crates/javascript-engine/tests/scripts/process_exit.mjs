// exit: 7
process.on("exit", (code) => { console.log("exit", code); });
process.on("exit", () => { setTimeout(() => console.log("never"), 0); });
setTimeout(() => {
  try { process.exit(7); } catch { console.log("caught?"); } finally { console.log("finally?"); }
}, 1);
setTimeout(() => console.log("never"), 5);
