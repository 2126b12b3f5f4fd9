import { AAC, colourTags, MP4_AUDIO_OUTPUT, MP4_OUTPUT, sizeText, videoEncoder } from "./encode.js";
import { runFfmpeg, type Ffmpeg } from "./ffmpeg.js";
import { DEFAULT_SIZE, type Size, type TestSource } from "./sources.js";
import { readTrack, type Track } from "./track.js";
import type { EncodedTracks } from "./media.js";

/** Columns of the strip: bits of the counter. */
const BITS = 24;
/** Frame spacing at a variable rate goes through the 49 values 12..60 ms, 36 ms on average. */
const MEAN_SPACING_MS = 36;
const TICKS_PER_MS = 90;

/** Encodes a generated camera's loop. */
export async function encodeTestSource(ffmpeg: Ffmpeg, source: TestSource): Promise<EncodedTracks> {
  const { size = DEFAULT_SIZE, switchTo, fragmentSeconds = 2, loopSeconds = 20, variableRate = false } = source;
  const rate = variableRate ? `${1000 / MEAN_SPACING_MS}` : exactRate(source.fps ?? "30");
  const groupLength = Math.max(1, Math.round(fragmentSeconds * rateValue(rate)));
  const groups = Math.max(switchTo ? 2 : 1, Math.round(loopSeconds / fragmentSeconds));
  const firstHalf = switchTo ? Math.floor(groups / 2) : groups;
  const encode = (partSize: Size, firstGroup: number, count: number) =>
    encodePart(ffmpeg, source, { size: partSize, rate, groupLength, first: firstGroup * groupLength, count: count * groupLength });
  const video = [await encode(size, 0, firstHalf)];
  if (switchTo) video.push(await encode(switchTo, firstHalf, groups - firstHalf));
  const audio = source.audio ? await encodeTone(ffmpeg, (groups * groupLength) / rateValue(rate)) : undefined;
  return { video, audio };
}

interface Part {
  readonly size: Size;
  readonly rate: string;
  /** Pictures from one key frame to the next. */
  readonly groupLength: number;
  /** Number of the first picture, and how many there are. */
  readonly first: number;
  readonly count: number;
}

async function encodePart(ffmpeg: Ffmpeg, source: TestSource, part: Part): Promise<Track> {
  const { codec = "h264", bframes = 0, matrix = "bt709", variableRate = false } = source;
  const times = variableRate ? `,${variableTimes(part)}` : "";
  const timeBase = variableRate ? ["-enc_time_base", `1/${1000 * TICKS_PER_MS}`] : [];
  return readTrack(await runFfmpeg(ffmpeg, [
    "-f", "lavfi", "-i", background(part, matrix),
    "-f", "lavfi", "-i", strip(part),
    "-filter_complex", `[0][1]overlay=format=yuv420${times}`,
    "-fps_mode", "passthrough", ...timeBase, "-frames:v", String(part.count),
    ...videoEncoder(codec, part.groupLength, bframes), ...colourTags(matrix), ...MP4_OUTPUT,
  ]));
}

function background({ size, rate }: Part, matrix: "bt709" | "bt601"): string {
  return `testsrc2=size=${sizeText(size)}:rate=${rate},format=rgb24,scale=out_color_matrix=${matrix}:out_range=limited,format=yuv420p`;
}

/**
 * The counter, over the top eighth of the picture: in each column the upper cell is white where the bit is 1, the lower
 * cell where it is 0, so that a misread cell shows.
 */
function strip({ size, rate, first }: Part): string {
  const luma = `16+219*abs(mod(floor((N+${first})/pow(2,X)),2)-Y)`;
  const height = 2 * Math.round(size.height / 16);
  return `nullsrc=size=${BITS}x2:rate=${rate},format=yuv420p,geq=lum='${luma}':cb=128:cr=128,scale=${size.width}:${height}:flags=neighbor`;
}

function variableTimes({ first }: Part): string {
  return `settb=1/${1000 * TICKS_PER_MS},setpts='if(eq(N,0),0,PREV_OUTPTS+${TICKS_PER_MS}*(12+mod(37*(N+${first}),49)))'`;
}

async function encodeTone(ffmpeg: Ffmpeg, seconds: number): Promise<Track> {
  const input = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", seconds.toFixed(6)];
  return readTrack(await runFfmpeg(ffmpeg, [...input, ...AAC, ...MP4_AUDIO_OUTPUT]));
}

/** Broadcast rates are written with two or three decimals, and mean a fraction of 1001. */
export function exactRate(fps: string): string {
  if (!/^\d+(\.\d+)?(\/\d+)?$/.test(fps) || !(rateValue(fps) > 0 && rateValue(fps) <= 240)) throw new RangeError(`fps must look like 30, 29.97 or 30000/1001, got "${fps}"`);
  const value = Number(fps);
  const nominal = Math.ceil(value);
  const isBroadcast = value !== nominal && Math.abs((nominal * 1000) / 1001 - value) < 0.005;
  return isBroadcast ? `${nominal * 1000}/1001` : fps;
}

function rateValue(rate: string): number {
  const [numerator, denominator = 1] = rate.split("/").map(Number);
  return Number(numerator) / denominator;
}
