import { DecoderError } from "../core/errors.js";
import type { PixelFormat } from "../core/frame.js";

/** Of all that a program has loaded, since logging is of the whole process: quiet, unless it has chosen otherwise itself. */
const DEFAULT_LOG_LEVEL = 32;
const QUIET = -8;
/** As a variable: what a bundler sees goes into the bundle, and this is to be the user's choice. */
const PACKAGE = "node-av";

/** libavutil/pixfmt.h */
export const AV_FORMATS: Readonly<Record<PixelFormat, number>> = { yuv420p: 0, rgb24: 2, bgr24: 3, gray8: 8 };

/** A picture of FFmpeg's. Setting what has memory already changes what is said of it, not the memory. */
export interface AvFrame {
  alloc(): void;
  free(): void;
  unref(): void;
  /** @param align of rows, bytes; 0: as FFmpeg sees fit */
  getBuffer(align: number): number;
  format: number;
  width: number;
  height: number;
  colorSpace: number;
  colorRange: number;
  colorPrimaries: number;
  colorTrc: number;
  chromaLocation: number;
  readonly pts: bigint;
  flags: number;
  readonly decodeErrorFlags: number;
  /** Views of its planes; made anew at each look. */
  readonly data: Buffer[] | null;
  /** Bytes from one row to the next, of each plane. */
  readonly linesize: number[];
}

export interface AvPacket {
  alloc(): void;
  free(): void;
  unref(): void;
  /** Copies. */
  data: Buffer | null;
  pts: bigint;
}

export interface AvCodecParameters {
  alloc(): void;
  free(): void;
  codecType: number;
  codecId: number;
  extradata: Buffer | null;
  width: number;
  height: number;
}

export interface AvCodecContext {
  allocContext3(codec: object): void;
  parametersToContext(parameters: AvCodecParameters): number;
  setOption(name: string, value: string): number;
  threadCount: number;
  open2(codec: object, options: null): Promise<number>;
  sendPacket(packet: AvPacket | null): Promise<number>;
  receiveFrame(frame: AvFrame): Promise<number>;
  freeContext(): void;
}

export interface AvScaler {
  allocContext(): void;
  getContext(fromWidth: number, fromHeight: number, fromFormat: number, toWidth: number, toHeight: number, toFormat: number, flags: number): void;
  scale(planes: Buffer[], strides: number[], y: number, height: number, into: Buffer[], intoStrides: number[]): Promise<number>;
  scaleFrame(into: AvFrame, from: AvFrame): Promise<number>;
  freeContext(): void;
}

/** What is used of the package node-av, which is optional: its own types may be missing where ours are read. */
export interface NodeAv {
  readonly Codec: { findDecoder(id: number): object | null };
  readonly CodecContext: new () => AvCodecContext;
  readonly CodecParameters: new () => AvCodecParameters;
  readonly Packet: new () => AvPacket;
  readonly Frame: new () => AvFrame;
  readonly SoftwareScaleContext: new () => AvScaler;
  readonly FFmpegError: { strerror(code: number): string; AVERROR(name: "EAGAIN"): number };
  readonly Log: { getLevel(): number; setLevel(level: number): void };
}

/** FFmpeg's libraries in this process. */
export interface Libraries {
  /** In place of a program's. */
  readonly path: "node-av";
  readonly av: NodeAv;
}

/**
 * Loads FFmpeg's libraries into this process.
 * @param name of the package
 * @throws DecoderError FFMPEG_NOT_FOUND when the package is not there, or has nothing for this system.
 */
export async function loadLibraries(name = PACKAGE): Promise<Libraries> {
  try {
    const av = (await import(`${name}/lib`)) as NodeAv;
    if (av.Log.getLevel() === DEFAULT_LOG_LEVEL) av.Log.setLevel(QUIET);
    return { path: PACKAGE, av };
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const why = isMissing ? "the package is not installed" : ((cause as Error).message.split("\n", 1)[0] ?? "");
    throw new DecoderError(`cannot decode in this process with node-av: ${why}; run "npm install node-av@6", or use the decoder "ffmpeg"`, { code: "FFMPEG_NOT_FOUND", cause });
  }
}
