import { open } from "node:fs/promises";
import { ByteStream } from "./byte-stream.js";
import { outputError } from "./output-error.js";

/** Starts a file afresh, for lines that are written as they come. */
export async function openFileStream(path: string, flag: string): Promise<ByteStream> {
  try {
    const file = await open(path, "w");
    return new ByteStream(file.createWriteStream(), { name: path, flag });
  } catch (error) {
    throw outputError(path, error, flag);
  }
}
