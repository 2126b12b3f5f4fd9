import { extname, join } from "node:path";
import { createFile, replaceFile } from "./atomic-file.js";
import { safeSegment, type FilenameTemplate, type NamedFrame } from "./filename.js";
import { makeDirectory } from "./make-directory.js";
import { outputError } from "./output-error.js";

/** Writes each image to a file of its own. */
export class DirectorySink {
  readonly #directory: string;
  readonly #filename: FilenameTemplate;

  constructor({ directory, filename }: { directory: string; filename: FilenameTemplate }) {
    this.#directory = directory;
    this.#filename = filename;
  }

  /** Makes the directory, so that a place that cannot work is known before the first frame. */
  async prepare(): Promise<void> {
    await orExplain(this.#directory, () => makeDirectory(this.#directory));
  }

  /**
   * Writes the image and gives its path. Two frames never share a name, whatever the template and whoever else writes
   * here: a name that is taken gets the frame's identity added, and a file of that name is the same frame.
   */
  async write(named: NamedFrame, data: Uint8Array): Promise<string> {
    const path = join(this.#directory, this.#filename(named));
    return orExplain(path, async () => {
      if (await createFile(path, data)) return path;
      const unique = withIdentity(path, named);
      await replaceFile(unique, data);
      return unique;
    });
  }
}

function withIdentity(path: string, { frame }: NamedFrame): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}_${safeSegment(frame.fragment)}-${frame.index}${extension}`;
}

async function orExplain<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw outputError(path, error, "--out");
  }
}
