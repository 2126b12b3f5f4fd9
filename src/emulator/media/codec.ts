import { findIsoBox, isIsoBoxType, type AudioSampleEntryBox, type Box, type ParsedBox, type ParsedIsoBox, type VisualSampleEntryBox } from "@svta/cml-iso-bmff";

export interface SampleEntry {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** Codec string (RFC 6381) and picture size out of a moov. */
export function sampleEntry(moov: ParsedIsoBox): SampleEntry {
  const stsd = findIsoBox([moov], (box) => isIsoBoxType("stsd", box));
  const entry: AudioSampleEntryBox | VisualSampleEntryBox | undefined = stsd?.entries[0];
  if (entry?.type === "mp4a") return { codec: "mp4a.40.2", width: 0, height: 0 };
  if (entry === undefined || !("width" in entry)) throw new Error(`expected video or AAC, got ${entry?.type ?? "no sample entry"}`);
  const { type, width, height } = entry;
  return { codec: `${type}.${profile(type, entry.boxes as unknown as ParsedBox[])}`, width, height };
}

function profile(type: string, boxes: readonly ParsedBox<Box>[]): string {
  const isHevc = type === "hvc1" || type === "hev1";
  const box = boxes.find((child) => child.type === (isHevc ? "hvcC" : "avcC"));
  if (box === undefined) throw new Error(`expected a decoder configuration in the ${type} sample entry, got none`);
  const { buffer, byteOffset, byteLength } = box.view;
  const configuration = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).subarray(8);
  return isHevc ? hevcProfile(configuration) : configuration.toString("hex", 1, 4);
}

/** ISO/IEC 14496-15, annex E.3: profile, compatibility flags in reverse bit order, tier and level, constraints. */
export function hevcProfile(hvcC: Buffer): string {
  const tierAndProfile = hvcC.readUInt8(1);
  const tier = (tierAndProfile & 0x20) === 0 ? "L" : "H";
  const flags = hvcC.readUInt32BE(2).toString(2).padStart(32, "0");
  const compatibility = parseInt([...flags].reverse().join(""), 2).toString(16);
  const constraints = [...hvcC.subarray(6, 12)].map((byte) => byte.toString(16).toUpperCase());
  while (constraints.at(-1) === "0") constraints.pop();
  return [tierAndProfile & 0x1f, compatibility.toUpperCase(), `${tier}${hvcC.readUInt8(12)}`, ...constraints].join(".");
}
