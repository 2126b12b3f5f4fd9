export { DecoderError, FrameSourceError, HLSStreamError, KVSConnectionError, OptionError, OutputError, type ErrorCode } from "./core/errors.js";
export type { EventListener, GapCause, SessionReason, SourceEvent } from "./core/events.js";
export type { Clock, Frame, PixelFormat } from "./core/frame.js";
export type { KvsHlsMetrics } from "./core/metrics.js";
export type { Credentials, KvsHlsFrameSourceOptions, ResumePoint, SnapshotOptions } from "./core/options.js";
export { CONNECTION_STATES, type ConnectionState } from "./core/state.js";
export { takeSnapshot, type Snapshot } from "./source/snapshot/snapshot.js";
export { DecoderPool } from "./source/decoder-pool.js";
export { KvsHlsFrameSource } from "./source/source.js";
