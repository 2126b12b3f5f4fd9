import { open, stat } from "node:fs/promises";
import { ByteStream } from "./byte-stream.js";
import { outputError } from "./output-error.js";

/** A file that lines are appended to as they come. */
export class FileStream {
  #stream: ByteStream;

  private constructor(
    private readonly path: string,
    private readonly flag: string,
    stream: ByteStream,
  ) {
    this.#stream = stream;
  }

  /**
   * @param flag what chose the file, for messages
   * @throws OutputError
   */
  static async open(path: string, flag: string): Promise<FileStream> {
    return new FileStream(path, flag, await openAppending(path, flag));
  }

  /** As {@link ByteStream.write}. */
  write(data: string | Uint8Array, onAccepted?: () => void): Promise<void> {
    return this.#stream.write(data, onAccepted);
  }

  /**
   * Opens the path again, which creates the file if the old one was moved away. Call it between writes. Pipes and devices, which
   * nobody rotates, stay open.
   * @throws OutputError when that fails; writes go on to the old file then
   */
  async reopen(): Promise<void> {
    const found = await stat(this.path).catch(() => undefined);
    if (found !== undefined && !found.isFile()) return;
    const before = this.#stream;
    this.#stream = await openAppending(this.path, this.flag);
    await before.close();
  }

  close(): Promise<void> {
    return this.#stream.close();
  }
}

async function openAppending(path: string, flag: string): Promise<ByteStream> {
  try {
    const file = await open(path, "a");
    return new ByteStream(file.createWriteStream(), { name: path, flag });
  } catch (error) {
    throw outputError(path, error, flag);
  }
}
