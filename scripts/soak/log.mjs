/** Warnings kept to be shown. */
const KEPT = 20;

/** What the log of `kvs-frames` says, as JSON at the level debug, of decoders and states. */
export class Log {
  decoderStarts = 0;
  /** "connected to reconnecting", after it was connected first. */
  stateChanges = [];
  /** The last lines that are no JSON, or warn. */
  warnings = [];
  #isConnected = false;

  add(line) {
    const { level, msg = line } = parsed(line);
    if (msg.startsWith("decoding ")) this.decoderStarts++;
    if (/^\w+ to \w+$/.test(msg)) {
      if (this.#isConnected) this.stateChanges.push(msg);
      this.#isConnected ||= msg.endsWith(" to connected");
    }
    if (!["trace", "debug", "info"].includes(level)) this.warnings = [...this.warnings, msg].slice(-KEPT);
  }
}

function parsed(line) {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
