import type { Frame } from "../core/frame.js";
import { resolveOptions, type KvsHlsFrameSourceOptions } from "../core/options.js";
import type { ConnectionState } from "../core/state.js";

/** Stands in for the source until it lands. */
export class KvsHlsFrameSource implements AsyncIterable<Frame>, AsyncDisposable {
  readonly state: ConnectionState = "disconnected";

  constructor(options: KvsHlsFrameSourceOptions) {
    resolveOptions(options);
  }

  isHealthy(): boolean {
    return this.state === "connected";
  }

  [Symbol.asyncIterator](): AsyncIterator<Frame> {
    return { next: () => Promise.resolve({ done: true, value: undefined }) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
