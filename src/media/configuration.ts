import type { ParsedIsoBox } from "@svta/cml-iso-bmff";
import { findBox, type CodecConfiguration, type OpaqueBox } from "./boxes.js";
import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";

/** What an init segment says to the decoder. */
export interface Configuration {
  /** avc1, hvc1 */
  readonly sampleEntry: string;
  /** The boxes of the sample entry. */
  readonly inside: readonly OpaqueBox[];
  /** Body of avcC or hvcC; empty where there is none. */
  readonly configuration: Buffer;
}

export function configurationIn(boxes: readonly ParsedIsoBox[]): Configuration {
  const entry = findBox(boxes, "stsd")?.entries[0];
  const inside = (entry !== undefined && "boxes" in entry ? entry.boxes : []) as unknown as readonly OpaqueBox[];
  const own = (inside as readonly Partial<CodecConfiguration>[]).find(({ nalLengthBytes }) => nalLengthBytes);
  return { sampleEntry: entry?.type ?? "", inside, configuration: own?.body ?? Buffer.alloc(0) };
}

/**
 * The first sequence parameter set, as a NAL unit.
 * @throws RangeError when the configuration ends too early
 */
export const parameterSetOf = (codec: InitSegment["codec"], configuration: Buffer): Buffer | undefined => (codec === "h264" ? h264Sps(configuration) : h265Sps(configuration));

/** ISO/IEC 14496-15 5.3.3.1 */
const h264Sps = (avcC: Buffer): Buffer | undefined => ((avcC[5] ?? 0) & 0x1f ? avcC.subarray(8, 8 + avcC.readUInt16BE(6)) : undefined);

/** ISO/IEC 14496-15 8.3.3.1 */
function h265Sps(hvcC: Buffer): Buffer | undefined {
  let at = 23;
  for (let array = 0; array < (hvcC[22] ?? 0); array++) {
    const type = hvcC.readUInt8(at) & 0x3f;
    const count = hvcC.readUInt16BE(at + 1);
    at += 3;
    for (let i = 0; i < count; i++) {
      const length = hvcC.readUInt16BE(at);
      if (type === NAL_RULES.h265.parameterSet) return hvcC.subarray(at + 2, at + 2 + length);
      at += 2 + length;
    }
  }
  return undefined;
}
