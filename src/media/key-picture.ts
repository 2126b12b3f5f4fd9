import type { InitSegment } from "./init.js";
import type { Sample } from "./samples.js";

/** NAL units with which decoding can begin: IDR of H.264, the IRAP pictures of H.265. */
const KEY_NAL_TYPES: Readonly<Record<InitSegment["codec"], { readonly from: number; readonly to: number }>> = {
  h264: { from: 5, to: 5 },
  h265: { from: 16, to: 21 },
};
const LENGTH_BYTES = 4;

/** Whether decoding can begin with a sample: its flags say so, or what it holds, for not every muxer sets the flags. */
export function isKeyPicture({ sync, data }: Sample, codec: InitSegment["codec"]): boolean {
  if (sync) return true;
  const { from, to } = KEY_NAL_TYPES[codec];
  for (let at = 0; at + LENGTH_BYTES < data.length; at += LENGTH_BYTES + data.readUInt32BE(at)) {
    const header = data.readUInt8(at + LENGTH_BYTES);
    const type = codec === "h264" ? header & 0x1f : (header >> 1) & 0x3f;
    if (type >= from && type <= to) return true;
  }
  return false;
}
