import type { Frame } from "../core/frame.js";
import type { KvsHlsFrameSourceOptions } from "../core/option-types.js";
import type { ConnectionState } from "../core/state.js";

/** What commands need of a source. */
export interface FrameSource extends AsyncIterable<Frame>, AsyncDisposable {
  readonly state: ConnectionState;
  isHealthy(): boolean;
  /** The frame's pixels are not looked at again. */
  release(frame: Frame): void;
}

export type OpenSource = (options: KvsHlsFrameSourceOptions) => Promise<FrameSource>;

/** Loads the library, and the AWS SDK with it, only when frames are wanted. */
export const openSource: OpenSource = async (options) => {
  const { KvsHlsFrameSource } = await import("../index.js");
  return new KvsHlsFrameSource(options);
};
