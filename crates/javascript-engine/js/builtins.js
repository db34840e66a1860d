// The modules that the engine has for scripts, for `require`.
import * as events from "node:events";
import * as fs from "node:fs";
import * as fsPromises from "node:fs/promises";
import * as module from "node:module";
import * as path from "node:path";
import * as process from "node:process";
import * as timers from "node:timers";
import * as timersPromises from "node:timers/promises";
import * as url from "node:url";
import * as util from "node:util";

/** What one of them exports. */
export function get(name) {
  const all = {
    "node:events": events, "node:fs": fs, "node:fs/promises": fsPromises, "node:module": module, "node:path": path,
    "node:process": process, "node:timers": timers, "node:timers/promises": timersPromises, "node:url": url, "node:util": util,
  };
  return all[name].default;
}
