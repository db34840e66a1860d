// exit: 9
process.exitCode = 4; process.on("exit", (c) => { console.log(c, process.exitCode); process.exitCode = 9; });
