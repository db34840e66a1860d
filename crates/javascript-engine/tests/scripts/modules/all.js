import def, { one, counter, count } from "./values.mjs";
import * as all from "./values.mjs";
import "./first.mjs";
import data from "./data.json" with { type: "json" };
import common, { a } from "./common.cjs";
import esm, { url, self } from "esm-only";
import sub from "esm-only/lib/sub";
import cjs from "cjs-pack";
import dual from "dual";
import main from "main-file";
import scoped from "@scope/thing";
import local from "#local";
import { join } from "#path";
import { createRequire } from "node:module";
import fs, { existsSync } from "fs";
count();
console.log(def, one, counter, all);
console.log(data, common, a, esm, url, self, sub, cjs(), dual, main, scoped, local, join("a", "b"));
const require = createRequire(import.meta.url);
console.log(require("dual"), require("./common.cjs").self(), require("./data.json").json[0], require("fs") === fs, existsSync(import.meta.filename));
for (const name of ["./nowhere.js", "nowhere", "esm-only/closed", "esm-only/none", "#none", "node:nothing"]) {
  try { await import(name); console.log("?", name); } catch (e) { console.log(name, e.code); }
}
try { require("nowhere"); } catch (e) { console.log(e.code); }
const again = await import("./values.mjs"); console.log(again === all, again.counter, Object.prototype.toString.call(again));
console.log(import.meta.dirname === (await import("node:path")).dirname(import.meta.filename), import.meta.resolve("./values.mjs") === new String(import.meta.url).replace("all.js", "values.mjs"), typeof import.meta.url);
