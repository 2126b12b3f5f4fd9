import { open } from "node:fs/promises";
import { ByteStream } from "./byte-stream.js";
import { outputError } from "./output-error.js";

export interface FileStreamOptions {
  /** What chose the file, for messages. */
  readonly flag: string;
  /** Go on after what is there; else the file starts afresh. */
  readonly isContinued: boolean;
}

/** Opens a file for lines that are written as they come. */
export async function openFileStream(path: string, { flag, isContinued }: FileStreamOptions): Promise<ByteStream> {
  try {
    const file = await open(path, isContinued ? "a" : "w");
    return new ByteStream(file.createWriteStream(), { name: path, flag });
  } catch (error) {
    throw outputError(path, error, flag);
  }
}
