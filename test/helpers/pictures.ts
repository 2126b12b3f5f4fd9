import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";

/** The files below a directory by their paths in it, in order, but for hidden ones. */
export async function picturesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  return files.map(({ parentPath, name }) => relative(directory, join(parentPath, name))).sort();
}
