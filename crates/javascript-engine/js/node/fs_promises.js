// node:fs as promises. The work is done when it is asked for; only the result comes later.
import { constants, promises } from "node:fs";

export const {
  readFile, writeFile, appendFile, mkdir, rmdir, unlink, rm, rename, copyFile, realpath, stat, lstat, access, readdir,
} = promises;
export { constants };
export default { ...promises, constants };
