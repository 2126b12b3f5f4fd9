import type { ParsedIsoBox } from "@svta/cml-iso-bmff";
import { findBox, type CodecConfiguration, type OpaqueBox } from "./boxes.js";

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
