import { createHash } from "node:crypto";
import { defaultReaderConfig, defaultWriterConfig, isIsoBoxType, readIsoBoxes, traverseIsoBoxes, writeIsoBox, type ParsedIsoBox } from "@svta/cml-iso-bmff";
import { boxesIn } from "../folder/boxes.js";
import { readTables } from "../folder/samples.js";

const BOX_HEADER = 8;
const FIRST_SAMPLE_FLAGS = 0x4;
const ANY_TRACK = { trackId: undefined, defaultDuration: 0, defaultFlags: 0 };

/** Where the first moof is, and where the samples' bytes in the mdat after it begin; an error in a fragment's place has none. */
function placesIn(fragment: Buffer): { readonly moofAt: number; readonly samplesAt: number } | undefined {
  const boxes = [...boxesIn(fragment)];
  const moof = boxes.findIndex(({ type }) => type === "moof");
  const mdat = boxes.slice(Math.max(0, moof)).find(({ type }) => type === "mdat");
  const moofAt = boxes[moof]?.start;
  return moofAt === undefined || mdat === undefined ? undefined : { moofAt, samplesAt: mdat.bodyAt };
}

/**
 * A moof and mdat with a stretch of the samples' bytes overwritten, and all boxes as they were.
 * @param seed where and with what: the same seed gives the same bytes
 */
export function corruptSamples(fragment: Buffer, bytes: number, seed: string): Buffer {
  const from = placesIn(fragment)?.samplesAt ?? fragment.length;
  const length = Math.min(bytes, fragment.length - from);
  if (length <= 0) return fragment;
  const at = from + (createHash("sha256").update(seed).digest().readUInt32BE(0) % (fragment.length - from - length + 1));
  const noise = createHash("shake256", { outputLength: length }).update(seed).digest();
  return Buffer.concat([fragment.subarray(0, at), noise, fragment.subarray(at + length)]);
}

/** A moof and mdat without their first sample; a fragment in which that one cannot be found is left as it is. */
export function withoutFirstSample(fragment: Buffer): Buffer {
  try {
    return cutFirstSample(fragment);
  } catch {
    return fragment; // a folder's camera may send what no reader of boxes takes
  }
}

function cutFirstSample(fragment: Buffer): Buffer {
  const places = placesIn(fragment);
  // The reader below makes as many samples as are claimed, be it billions.
  const isBelieved = readTables(fragment, ANY_TRACK) !== undefined;
  if (places === undefined || !isBelieved) return fragment;
  const { moofAt, samplesAt } = places;
  const boxes = readIsoBoxes(fragment.subarray(moofAt), defaultReaderConfig());
  const moof = boxes.find((box) => isIsoBoxType("moof", box)) as ParsedIsoBox | undefined;
  const inside = moof ? [...traverseIsoBoxes([moof])] : [];
  const trun = inside.find((box) => isIsoBoxType("trun", box));
  const tfdt = inside.find((box) => isIsoBoxType("tfdt", box));
  const tfhd = inside.find((box) => isIsoBoxType("tfhd", box));
  const first = trun?.samples.shift();
  if (moof === undefined || trun === undefined || tfdt === undefined || first === undefined) throw new Error("expected moof, tfdt and trun with a sample");
  trun.sampleCount--;
  trun.flags &= ~FIRST_SAMPLE_FLAGS; // they were of that sample
  delete trun.firstSampleFlags;
  tfdt.baseMediaDecodeTime += first.sampleDuration ?? tfhd?.defaultSampleDuration ?? 0;
  trun.dataOffset = writeIsoBox(moof, defaultWriterConfig()).byteLength + BOX_HEADER;
  const samples = fragment.subarray(samplesAt + (first.sampleSize ?? tfhd?.defaultSampleSize ?? 0));
  const header = Buffer.from("\0\0\0\0mdat", "latin1");
  header.writeUInt32BE(BOX_HEADER + samples.length);
  return Buffer.concat([fragment.subarray(0, moofAt), writeIsoBox(moof, defaultWriterConfig()), header, samples]);
}
