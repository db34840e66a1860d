console.group("outer"); console.log("a\nb"); console.group(); console.info({ a: 1 }); console.groupEnd(); console.debug("c"); console.groupEnd(); console.groupEnd(); console.log("out");
console.count(); console.count("x"); console.count(); console.countReset(); console.count();
console.table([{ a: 1, b: "x" }, { a: 2, c: true }]); console.table(["p", "q"]); console.table({ r: [1, 2], s: 3 }); console.table([[1, 2], [3, 4]]); console.table(5); console.table([{ a: 1, b: 2 }], ["b"]); console.table(new Map([["k", 1]])); console.table(new Set([1])); console.table([]);
console.assert(true, "no"); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 }); console.log(); console.log("");
console.log(typeof console.time, typeof console.timeEnd, Object.prototype.toString.call(console));
