import { randomBytes } from "node:crypto";
import { link, lstat, open, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { makeDirectory } from "./make-directory.js";
import { systemCode } from "./output-error.js";

/** Puts a file in place whole, or not at all; replaces what was there. */
export async function replaceFile(path: string, data: Uint8Array): Promise<void> {
  await withTemporary(path, data, (temporary) => rename(temporary, path));
}

/**
 * Puts a file in place whole, or not at all, and never replaces another file: false when the name is taken by different
 * bytes. The same bytes under the same name count as written.
 */
export async function createFile(path: string, data: Uint8Array): Promise<boolean> {
  return withTemporary(path, data, async (temporary) => (await claim(temporary, path)) || holds(path, data));
}

/**
 * The bytes go to a hidden neighbour first, because only a change of name within one directory is atomic. Not synced to
 * disk: a frame lost with the machine is worth less than the wait for every frame.
 */
async function withTemporary<T>(path: string, data: Uint8Array, place: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.${basename(path).slice(0, 64)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await openNew(temporary);
    try {
      await file.writeFile(data); // goes on after a short write, so that a full disk is an error and not a cut file
    } finally {
      await file.close();
    }
    return await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Most frames go where others are already, so the directory is made only once it proves missing. */
async function openNew(path: string): Promise<FileHandle> {
  try {
    return await open(path, "wx");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await makeDirectory(dirname(path));
    return open(path, "wx");
  }
}

const WITHOUT_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "ENOSYS"]);

/** Gives the file its name unless the name is taken: link refuses where rename would replace, even against another process. */
async function claim(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return false;
    if (!WITHOUT_HARD_LINKS.has(code)) throw error;
    return claimByExclusiveOpen(temporary, path); // FAT and some network file systems
  }
  return true;
}

/** Reserves the name with an empty file for the moment until rename fills it. */
async function claimByExclusiveOpen(temporary: string, path: string): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw error;
  }
  await rename(temporary, path);
  return true;
}

/** Only an ordinary file is read: a pipe would never end, and a link may lead anywhere. */
async function holds(path: string, data: Uint8Array): Promise<boolean> {
  const found = await lstat(path);
  if (found.isDirectory()) throw Object.assign(new Error("it is a directory"), { code: "EISDIR" });
  return found.isFile() && found.size === data.length && (await readFile(path)).equals(data);
}
