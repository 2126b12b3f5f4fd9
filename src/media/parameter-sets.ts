import type { InitSegment } from "./init.js";
import { NAL_RULES } from "./nal.js";


/**
 * The first sequence parameter set of a codec's own box, with its NAL header.
 * @param configuration the body of avcC or hvcC
 * @throws RangeError when it ends too early
 */
export const spsOf = (codec: InitSegment["codec"], configuration: Buffer): Buffer | undefined => (codec === "h264" ? h264Sps(configuration) : h265Sps(configuration));

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
