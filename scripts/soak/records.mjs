import { open } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";

/** Records of a manifest that is still being written. */
export class Records {
  #file;
  #take;
  #at = 0;
  #decoder = new StringDecoder("utf8");
  /** The start of a line whose end is not written yet. */
  #rest = "";

  /** @param take is given each record once */
  constructor(file, take) {
    this.#file = file;
    this.#take = take;
  }

  /** Takes what was written since the last time. */
  async readOn() {
    const file = await open(this.#file).catch(() => undefined); // not there yet
    if (file === undefined) return;
    for await (const chunk of file.createReadStream({ start: this.#at })) {
      this.#at += chunk.length;
      const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
      this.#rest = lines.pop();
      for (const line of lines) this.#take(JSON.parse(line));
    }
  }
}
