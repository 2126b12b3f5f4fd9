import { randomBytes } from "node:crypto";
import { lstat, realpath, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { makeDirectory } from "./make-directory.js";

/**
 * Lets a link lead to a file, from one file to the next at once: there is no moment without it. The link is relative, so that the
 * directory of both may be moved or served.
 * @throws the system's error; EEXIST where something else than a link has the name
 */
export async function replaceLink(path: string, file: string): Promise<void> {
  const directory = dirname(resolve(path));
  await makeDirectory(directory);
  if (await isTaken(path)) throw Object.assign(new Error("a file that is no link has this name"), { code: "EEXIST" });
  const temporary = join(directory, `.${basename(path).slice(0, 64)}.${randomBytes(6).toString("hex")}`);
  try {
    // A directory on the way may itself be a link, which ".." would not lead back over.
    await symlink(relative(await realpath(directory), await realpath(file)), temporary);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function isTaken(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && !found.isSymbolicLink();
}
