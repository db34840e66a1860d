// exit: 3
const run = async () => { await null; [1, 2].map(() => { [3].sort(); [2, 1].sort(() => process.exit(3)); }); };
try { await run(); } catch { console.log("caught?"); } finally { console.log("finally?"); }
console.log("not reached");
