import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** Folder of real recordings beside the repository, where there is one. */
export const FOOTAGE: string | undefined = ["../shared/footage", "../../shared/footage"].map((path) => join(root, path)).find(existsSync);
export const RECORDINGS: readonly string[] =
  FOOTAGE === undefined ? [] : ["car-detection.mp4", "output_get_media.mkv"].map((name) => join(FOOTAGE, name)).filter(existsSync);
