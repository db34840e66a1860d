import util, { isDeepStrictEqual } from "node:util"; import EventEmitter, { once } from "node:events"; import { setTimeout as sleep } from "node:timers/promises"; import { fileURLToPath, pathToFileURL } from "node:url";
console.log(new TextEncoder().encode("é😀\ud800"), new TextDecoder().decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x82])), new TextDecoder("utf-16le").decode(new Uint16Array([0x61, 0xd83d, 0xde00])));
try { new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([0xff])); } catch (e) { console.log(e.name); }
try { new TextDecoder("nonsense"); } catch (e) { console.log(e.name); }
const decoder = new TextDecoder(); console.log(["é😀".split(""), [...new TextEncoder().encode("é😀x")].map((b) => decoder.decode(new Uint8Array([b]), { stream: true })).join("|"), decoder.decode()]);
const clone = structuredClone({ a: [1, new Date(5), /x/g, new Map([[1, new Set([2])]])], b: new Uint8Array([1, 2]), n: null, u: undefined }); console.log(clone);
const loop = { x: 1 }; loop.loop = loop; const c = structuredClone(loop); console.log(c.loop === c, c !== loop, structuredClone(new RangeError("r")) instanceof RangeError);
try { structuredClone({ f() {} }); } catch (e) { console.log(e.name, e.code); }
console.log(util.format("%s=%d", "a", 1), util.inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), isDeepStrictEqual({ a: [1, new Map([[1, { x: 1 }]])] }, { a: [1, new Map([[1, { x: 1 }]])] }), isDeepStrictEqual([1], ["1"]), isDeepStrictEqual(new Set([{ a: 1 }]), new Set([{ a: 1 }])));
const e = new EventEmitter(); e.on("x", (...a) => console.log("on", a)); e.once("x", () => console.log("once")); console.log(e.emit("x", 1), e.emit("x", 2), e.emit("y"), e.listenerCount("x"));
setTimeout(() => e.emit("z", 5), 1); console.log(await once(e, "z")); console.log(await sleep(2, "slept"));
try { e.emit("error", new Error("unheard")); } catch (x) { console.log(x.message); }
console.log(typeof performance.now(), performance.now() > 0, typeof process.hrtime.bigint(), process.hrtime().length, typeof process.pid, process.argv.length, typeof process.uptime());
console.log(fileURLToPath("file:///a%20b/%C3%A9"), pathToFileURL("/a b/é#?%").href);
console.log(process.env.TEST_VALUE, process.env.NOT_THERE, "TEST_VALUE" in process.env, Object.keys(process.env).includes("TEST_VALUE")); process.env.NEW = 5; console.log(process.env.NEW); delete process.env.NEW; console.log(process.env.NEW);
process.stdout.write("no newline"); process.stdout.write(new Uint8Array([32, 0xc3, 0xa9, 10])); console.log(process.stdout.fd, process.stdout.isTTY);
console.log([1, 2, 3].at(-1), [3, 1].toSorted(), structuredClone === globalThis.structuredClone, typeof fetch, "setTimeout" in globalThis);
const t = setTimeout(() => {}, 1); console.log(typeof +t, t.hasRef()); clearTimeout(+t); try { setTimeout("code"); } catch (x) { console.log(x.code); }
queueMicrotask(() => console.log("micro")); await null; label: for (const x of [1]) { continue label; } console.log([..."😀é"].length, "ß".toUpperCase(), (1234.5).toFixed(2), new Date(0).toISOString(), /(?<year>\d+)/u.exec("y 2024").groups.year);
