import fs from "node:fs"; import * as fsp from "node:fs/promises"; import path from "node:path"; import process from "node:process";
const root = fs.realpathSync(process.env.TEST_FOLDER); process.chdir(root);
console.log(process.cwd() === root, fs.existsSync("a"), fs.existsSync("."));
fs.mkdirSync("a/b/c", { recursive: true }); fs.mkdirSync("a/b", { recursive: true });
fs.writeFileSync("a/x.txt", "grün 😀\n"); fs.appendFileSync("a/x.txt", "more");
console.log(fs.readFileSync("a/x.txt", "utf8"), fs.readFileSync("a/x.txt", { encoding: "utf-8" }).length, [...fs.readFileSync("a/x.txt")].slice(0, 5));
fs.writeFileSync("a/bin", new Uint8Array([0, 255, 128])); console.log([...fs.readFileSync("a/bin")], fs.statSync("a/bin").size);
console.log(fs.readdirSync("a"), fs.readdirSync("a", { withFileTypes: true }).map((e) => [e.name, e.isDirectory(), e.isFile()]));
fs.copyFileSync("a/x.txt", "a/y.txt"); fs.renameSync("a/y.txt", "a/z.txt"); console.log(fs.readdirSync("a"));
const s = fs.statSync("a"); console.log(s.isDirectory(), s.isFile(), s.mtime instanceof Date, s.mtimeMs > 0);
for (const bad of [() => fs.readFileSync("none"), () => fs.readFileSync("a"), () => fs.mkdirSync("a"), () => fs.rmdirSync("a"), () => fs.readdirSync("none"), () => fs.statSync("none"), () => fs.unlinkSync("none"), () => fs.rmSync("none"), () => fs.renameSync("none", "other"), () => fs.writeFileSync("no/where", ""), () => fs.readdirSync("a/x.txt"), () => fs.rmSync("a"), () => fs.writeFileSync("a/x.txt", "", { flag: "wx" }), () => fs.accessSync("none")]) {
  try { bad(); console.log("?"); } catch (e) { console.log(e.code, e.syscall, e instanceof Error); }
}
console.log(fs.statSync("none", { throwIfNoEntry: false }));
fs.rmSync("none", { force: true }); fs.unlinkSync("a/z.txt"); fs.rmdirSync("a/b/c");
await fsp.writeFile("p.txt", "promised"); console.log(await fsp.readFile("p.txt", "utf8"), await fsp.readFile("none").catch((e) => e.code), (await fsp.stat("p.txt")).size, await fsp.readdir("."));
await fs.promises.rm("a", { recursive: true }); console.log(fs.readdirSync("."));
console.log(path.relative("/a/b/c", "/a/d"), path.normalize("/a/../../b//c/."), path.extname("x.tar.gz"), path.extname(".x"), path.basename("/a/b.js", ".js"), path.dirname("/a"), path.dirname("a"), path.dirname("/a/b/"), path.parse("/a/b.c"), path.format({ dir: "/x", base: "y" }), path.join("", ""), path.join("..", "a", "..", "..", "b"), path.isAbsolute("a"), path.resolve("/a", "b", "../c"), path.relative("/a", "/a"), path.normalize("a/"), path.join("a", "/b/"), path.basename("/"), path.parse("x"), path.sep);
