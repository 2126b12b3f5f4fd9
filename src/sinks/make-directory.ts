import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./output-error.js";

/**
 * Makes a directory and all above it. Node's own recursive mode goes round for ever, beyond the reach of any signal, where a
 * file system takes no new names and says ENOENT, as /proc does.
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeDirectory(dirname(path));
    await makeOne(path);
  }
}

/** Whatever mkdir says, a directory that is there will do. */
async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const isThere = await stat(path).then((found) => found.isDirectory(), () => false);
    if (!isThere) throw error;
  }
}
