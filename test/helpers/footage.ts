import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const folder = ["../shared/footage", "../../shared/footage"].map((path) => join(root, path)).find(existsSync);

/** Path of a real recording; undefined where the recordings are not at hand. */
export const footage = (name: string): string | undefined => (folder === undefined ? undefined : join(folder, name));
