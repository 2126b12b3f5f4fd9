import { MAX_PIXELS, type DecoderSetup } from "../core/picture.js";
import { HLSStreamError } from "../core/errors.js";
import { writeInitSegment } from "./init-writer.js";
import type { InitSegment } from "./init.js";
import { LENGTH_BYTES, NAL_RULES, type NalUnit } from "./nal.js";
import { setsIn, spsOf } from "./parameter-sets.js";
import { MOST_DEPTH, withReorderDepth } from "./reorder-depth.js";
import { tryReadSequence } from "./sps.js";

type Codec = InitSegment["codec"];

/** Largest side of a picture taken seriously, pixels: a hostile header must not make us allocate gigabytes. */
const MAX_SIDE = 16_384;

/** What a decoder's setup is made of. */
export interface SetupParts {
  readonly init: InitSegment;
  /** Every parameter set that slices may go by. */
  readonly sets: readonly NalUnit[];
  /** Pixels, as the parameter set in use says. */
  readonly width: number;
  readonly height: number;
  /** How deep pictures are reordered; undefined: as the parameter sets say. */
  readonly depth: number | undefined;
}

/**
 * Makes an init segment with the parameter set's size and all parameter sets received so far.
 * @throws HLSStreamError UNSUPPORTED_MEDIA for pictures that are too large or too small
 */
export function makeSetup({ init, sets, width, height, depth }: SetupParts): DecoderSetup {
  checkSize(width, height);
  const { codec, extra } = init;
  const units = depth === undefined ? sets : sets.map((unit) => adjusted(unit, codec, depth));
  const original = Buffer.from(init.configuration, "base64");
  const configuration = codec === "h264" ? avcC(units) : hvcC(units, original);
  const bytes = writeInitSegment({ codec, width, height, configuration, extra });
  return { bytes, codec, width, height, configuration: configuration.toString("base64"), extra };
}

/** Returns a setup for pictures that are given one by one: a decoder that does as it says holds none back. */
export function setupWithoutReordering(setup: DecoderSetup): DecoderSetup {
  const { codec, width, height, extra } = setup;
  const original = Buffer.from(setup.configuration, "base64");
  const units = setsIn(codec, original).map((unit) => adjusted(unit, codec, 0));
  const configuration = codec === "h264" ? avcC(units) : hvcC(units, original);
  return { ...setup, bytes: writeInitSegment({ codec, width, height, configuration, extra }), configuration: configuration.toString("base64") };
}

export function checkSize(width: number, height: number): void {
  if (Math.min(width, height) >= 2 && Math.max(width, height) <= MAX_SIDE && width * height <= MAX_PIXELS) return;
  throw new HLSStreamError(`cannot decode pictures of ${width}x${height} pixels, wanted 2 to ${MAX_SIDE} a side and ${MAX_PIXELS} at most`, { code: "UNSUPPORTED_MEDIA" });
}

const adjusted = ({ type, bytes }: NalUnit, codec: Codec, depth: number): NalUnit => ({
  type,
  bytes: type === NAL_RULES[codec].sequence ? withReorderDepth(bytes, codec, depth) : bytes,
});

/** ISO/IEC 14496-15 5.3.3.1 */
function avcC(units: readonly NalUnit[]): Buffer {
  const { sequence, picture } = NAL_RULES.h264;
  const ofType = (type: number, most: number): Buffer[] => units.filter((unit) => unit.type === type).map(({ bytes }) => bytes).slice(0, most);
  const sequences = ofType(sequence, 0x1f);
  const [first = Buffer.alloc(4)] = sequences;
  const head = Buffer.from([1, first[1] ?? 0, first[2] ?? 0, first[3] ?? 0, 0xfc | (LENGTH_BYTES - 1), 0xe0 | sequences.length]);
  const pictures = ofType(picture, 0xff);
  return Buffer.concat([head, ...sequences.map(withLength), Buffer.from([pictures.length]), ...pictures.map(withLength)]);
}

const HVCC_HEAD_BYTES = 22;

/** ISO/IEC 14496-15 8.3.3.1 */
function hvcC(units: readonly NalUnit[], original: Buffer): Buffer {
  const head = Buffer.alloc(HVCC_HEAD_BYTES);
  original.copy(head, 0, 0, HVCC_HEAD_BYTES);
  head[0] = 1;
  head[HVCC_HEAD_BYTES - 1] = ((head[HVCC_HEAD_BYTES - 1] ?? 0) & 0xfc) | (LENGTH_BYTES - 1);
  const arrays = [...new Set(units.map(({ type }) => type))].map((type) => {
    const nals = units.filter((unit) => unit.type === type).map(({ bytes }) => withLength(bytes));
    return Buffer.concat([Buffer.from([0x80 | type, nals.length >> 8, nals.length & 0xff]), ...nals]);
  });
  return Buffer.concat([head, Buffer.from([arrays.length]), ...arrays]);
}

function withLength(nal: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Math.min(nal.length, 0xff_ff));
  return Buffer.concat([length, nal]);
}

/** Returns how many pictures a decoder holds back to put them in order, as the setup has it; undefined when that says nothing. */
export function announcedReordering({ codec, configuration }: Pick<DecoderSetup, "codec" | "configuration">): number | undefined {
  const nal = spsOf(codec, Buffer.from(configuration, "base64"));
  const pictures = nal && tryReadSequence(codec, nal)?.reordering?.pictures;
  return pictures === undefined || pictures > MOST_DEPTH ? undefined : pictures;
}
