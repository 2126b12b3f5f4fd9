import { createHash } from "node:crypto";
import { defaultReaderConfig, defaultWriterConfig, isIsoBoxType, readIsoBoxes, traverseIsoBoxes, writeIsoBox, type ParsedIsoBox } from "@svta/cml-iso-bmff";

const BOX_HEADER = 8;

/** An error in its place has none. */
const hasSamples = (body: Buffer): boolean => body.toString("latin1", 4, 8) === "moof";

/**
 * A moof and mdat with a stretch of the samples' bytes overwritten, and all boxes as they were.
 * @param seed where and with what: the same seed gives the same bytes
 */
export function corruptSamples(fragment: Buffer, bytes: number, seed: string): Buffer {
  if (!hasSamples(fragment)) return fragment;
  const from = fragment.readUInt32BE(0) + BOX_HEADER;
  const length = Math.min(bytes, fragment.length - from);
  if (length <= 0) return fragment;
  const at = from + (createHash("sha256").update(seed).digest().readUInt32BE(0) % (fragment.length - from - length + 1));
  const noise = createHash("shake256", { outputLength: length }).update(seed).digest();
  return Buffer.concat([fragment.subarray(0, at), noise, fragment.subarray(at + length)]);
}

/** A moof and mdat without their first sample. */
export function withoutFirstSample(fragment: Buffer): Buffer {
  if (!hasSamples(fragment)) return fragment;
  const boxes = readIsoBoxes(fragment, defaultReaderConfig());
  const moof = boxes.find((box) => isIsoBoxType("moof", box)) as ParsedIsoBox | undefined;
  const inside = moof ? [...traverseIsoBoxes([moof])] : [];
  const trun = inside.find((box) => isIsoBoxType("trun", box));
  const tfdt = inside.find((box) => isIsoBoxType("tfdt", box));
  const first = trun?.samples.shift();
  if (moof === undefined || trun === undefined || tfdt === undefined || first === undefined) throw new Error("expected moof, tfdt and trun with a sample");
  const samplesAt = fragment.readUInt32BE(0) + BOX_HEADER;
  trun.sampleCount--;
  tfdt.baseMediaDecodeTime += first.sampleDuration ?? 0;
  trun.dataOffset = writeIsoBox(moof, defaultWriterConfig()).byteLength + BOX_HEADER;
  const samples = fragment.subarray(samplesAt + (first.sampleSize ?? 0));
  const header = Buffer.from(fragment.subarray(samplesAt - BOX_HEADER, samplesAt));
  header.writeUInt32BE(BOX_HEADER + samples.length);
  return Buffer.concat([writeIsoBox(moof, defaultWriterConfig()), header, samples]);
}
