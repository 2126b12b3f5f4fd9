import { open } from "node:fs/promises";
import { ByteStream } from "./byte-stream.js";
import { outputError } from "./output-error.js";

/** A file for lines that are written as they come, after what it holds. */
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

  /** Goes on in a file of the same name, which is made if the old one was moved away. Not while a write is under way. */
  async reopen(): Promise<void> {
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
