import sharp from "sharp";

const EXIF_POINTER = 0x8769;
const NAMES = new Map([[0x9003, "DateTimeOriginal"], [0x9291, "SubSecTimeOriginal"], [0x9011, "OffsetTimeOriginal"]]);
const ENTRY_BYTES = 12;
const INLINE_BYTES = 4;

/** The capture time that an image file tells, tag by tag (TIFF 6.0, Exif 2.31; little-endian, as libexif writes it). */
export async function readCaptureTime(file: Buffer): Promise<Record<string, string>> {
  const { exif } = await sharp(file).metadata();
  if (exif === undefined) throw new Error("the file has no EXIF");
  const tiff = exif.subarray(exif.indexOf("II*\0"));
  const entries = (at: number) => Array.from({ length: tiff.readUInt16LE(at) }, (_, i) => at + 2 + i * ENTRY_BYTES);
  const pointer = entries(tiff.readUInt32LE(4)).find((at) => tiff.readUInt16LE(at) === EXIF_POINTER);
  if (pointer === undefined) throw new Error("the EXIF has no part about the capture");
  const texts = entries(tiff.readUInt32LE(pointer + 8)).flatMap((at) => {
    const name = NAMES.get(tiff.readUInt16LE(at));
    const length = tiff.readUInt32LE(at + 4);
    const from = length <= INLINE_BYTES ? at + 8 : tiff.readUInt32LE(at + 8);
    return name === undefined ? [] : [[name, tiff.toString("latin1", from, from + length - 1)]];
  });
  return Object.fromEntries(texts) as Record<string, string>;
}
