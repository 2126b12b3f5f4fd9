import { findBox, readBoxes } from "./boxes.js";
import { configurationIn } from "./configuration.js";
import { readInitSegment, type InitSegment } from "./init.js";
import { spsOf } from "./parameter-sets.js";
import { tryReadSequence } from "./sps.js";
import { colourOf, type Colour, type PixelAspect, type Vui } from "./vui.js";

/** What an init segment says of the pictures, without decoding one. */
export interface VideoDescription {
  readonly codec: InitSegment["codec"];
  /** As RFC 6381 has it, without its parameters: avc1, hvc1. */
  readonly sampleEntry: string;
  /** undefined where there is no name for its number. */
  readonly profile: string | undefined;
  /** "3.1" */
  readonly level: string | undefined;
  /** Pixels, as the parameter set says. */
  readonly width: number;
  readonly height: number;
  /** undefined: not said, so square. */
  readonly pixelAspect: PixelAspect | undefined;
  readonly colour: Colour | undefined;
  /** Clockwise, to be done by who shows it: degrees, 0 to 359. */
  readonly rotation: number;
}

const H264_PROFILES: Readonly<Record<number, string>> = { 66: "Baseline", 77: "Main", 88: "Extended", 100: "High", 110: "High 10", 122: "High 4:2:2", 244: "High 4:4:4 Predictive" };
const H265_PROFILES: Readonly<Record<number, string>> = { 1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext" };

/**
 * Describes the video track of an init segment.
 * @throws HLSStreamError as {@link readInitSegment} does
 */
export function describeVideo(bytes: Buffer): VideoDescription {
  const { codec, width, height } = readInitSegment(bytes);
  const boxes = readBoxes(bytes, "the init segment");
  const { sampleEntry, inside, configuration } = configurationIn(boxes);
  const bodyOf = (type: string): Buffer | undefined => inside.find((box) => box.type === type)?.body;
  const { pixelAspect, colour } = usability(codec, configuration);
  return {
    codec,
    sampleEntry,
    ...(codec === "h264" ? h264Level(configuration) : h265Level(configuration)),
    width,
    height,
    pixelAspect: aspectOf(bodyOf("pasp")) ?? pixelAspect,
    colour: colour ?? boxColour(bodyOf("colr")),
    rotation: rotationOf(findBox(boxes, "tkhd")?.matrix ?? []),
  };
}

/** Out of the parameter set that the decoder goes by; one that cannot be read says nothing. */
function usability(codec: InitSegment["codec"], configuration: Buffer): Vui {
  const nal = spsOf(codec, configuration);
  const sequence = nal && tryReadSequence(codec, nal);
  return sequence?.vui ?? { pixelAspect: undefined, colour: undefined };
}

function h264Level([, profile = 0, constraints = 0, level = 0]: Buffer) {
  const name = H264_PROFILES[profile];
  const isConstrained = profile === 66 && (constraints & 0x40) !== 0;
  const is1b = level === 9 || (level === 11 && profile < 100 && (constraints & 0x10) !== 0);
  return { profile: isConstrained ? `Constrained ${name}` : name, level: is1b ? "1b" : level === 0 ? undefined : String(level / 10) };
}

const h265Level = (hvcC: Buffer) => ({ profile: H265_PROFILES[(hvcC[1] ?? 0) & 0x1f], level: hvcC[12] ? String(hvcC[12] / 30) : undefined });

function aspectOf(pasp: Buffer | undefined): PixelAspect | undefined {
  if (pasp === undefined || pasp.length < 8) return undefined;
  const [width, height] = [pasp.readUInt32BE(0), pasp.readUInt32BE(4)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** nclx says the range too, nclc of QuickTime does not: ISO/IEC 14496-12 12.1.5. */
function boxColour(colr: Buffer | undefined): Colour | undefined {
  const kind = colr?.toString("latin1", 0, 4);
  if (colr === undefined || colr.length < 10 || (kind !== "nclx" && kind !== "nclc")) return undefined;
  const isFull = kind === "nclx" && colr.length > 10 ? (colr.readUInt8(10) & 0x80) !== 0 : undefined;
  return colourOf(colr.readUInt16BE(4), colr.readUInt16BE(6), colr.readUInt16BE(8), isFull);
}

/** The first two numbers of the matrix say how the horizontal axis is turned; the box reader takes negative ones for large ones. */
function rotationOf([cos = 1, sin = 0]: readonly number[]): number {
  const signed = (value: number): number => (value >= 0x80_00 ? value - 0x1_00_00 : value);
  return (Math.round((Math.atan2(signed(sin), signed(cos)) * 180) / Math.PI) + 360) % 360;
}
