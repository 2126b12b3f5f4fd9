import type { EventListener } from "../core/events.js";
import type { FragmentRef } from "../core/fragment.js";
import type { Frame } from "../core/frame.js";
import type { SourceOptions } from "../core/options.js";
import type { FramePool } from "../decoder/frame-pool.js";
import type { AnyFfmpeg } from "../decoder/run.js";
import type { ArchiveSupply } from "../hls/archive.js";
import type { SessionSupply } from "../hls/follower.js";
import type { SessionReader } from "../hls/reader.js";
import type { Coverage } from "./coverage.js";
import type { DecoderPool } from "./decoder-pool.js";
import type { Delivered } from "./facts.js";

export interface AttemptOptions {
  readonly options: SourceOptions;
  readonly sessions: SessionSupply;
  readonly archive: ArchiveSupply;
  readonly reader: SessionReader;
  readonly ffmpeg: AnyFfmpeg;
  readonly pool: FramePool;
  /** Of key frames. */
  readonly decoders: DecoderPool;
  /** What was taken before, in this attempt and those before it. */
  readonly coverage: Coverage;
  /** Go on after this frame; undefined: begin with the newest fragment. */
  readonly delivered: Delivered | undefined;
  /** Ends the attempt; also aborted by the attempt itself when it ends. */
  readonly controller: AbortController;
  readonly emit: EventListener;
  /** Nothing new came for so long, milliseconds. */
  readonly onIdle: (idleMs: number) => void;
  /** What came is of no use. */
  readonly onUseless: (error: Error) => void;
  /** Nothing is wanted of a fragment. Going on after it will do, where nothing is owed of what came before. */
  readonly onSkipped: (fragment: FragmentRef, owesNothing: boolean) => void;
}

/** A frame and what must be known to go on after it. */
export interface DeliveredFrame {
  readonly frame: Frame;
  readonly delivered: Delivered;
}
