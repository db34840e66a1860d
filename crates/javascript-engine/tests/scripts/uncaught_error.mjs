// exit: 1
process.on("exit", (code) => console.log("exit", code));
function inner(x) {
	throw new TypeError(`bad ${x}`, { cause: new Error("the cause") });
}
function outer() { inner(1); }
console.log("before");
outer();
console.log("not reached");
