import sharp, { type OverlayOptions } from "sharp";
import { OutputError } from "../../core/errors.js";
import type { Still } from "../../source/timeline/stills.js";
import { PICTURE, placeOf, sheetSvg, type SheetContent } from "./sheet-layout.js";

export type Picture = Pick<Still, "data" | "width" | "height">;

const QUALITY = 90;

/**
 * The sheet as a JPEG.
 * @param pictures of the cells, rgb24; undefined where there is none
 * @throws OutputError when there is no font to write times with
 */
export async function sheetImage(content: SheetContent, pictures: readonly (Picture | undefined)[]): Promise<Buffer> {
  if (!(await hasFont())) throw new OutputError("cannot write times on a sheet: no font is installed; install one, such as the package fonts-dejavu-core", { code: "WRITE_FAILED" });
  const overlays = pictures.flatMap((picture, cell) => (picture === undefined ? [] : [overlay(picture, cell, content.columns)]));
  return sharp(Buffer.from(sheetSvg(content))).flatten().composite(overlays).jpeg({ quality: QUALITY, chromaSubsampling: "4:4:4" }).toBuffer();
}

/** In the middle of its tile, where it does not fill it. */
function overlay({ data, width, height }: Picture, cell: number, columns: number): OverlayOptions {
  const { left, top } = placeOf(cell, columns);
  return { input: data, raw: { width, height, channels: 3 }, left: left + Math.floor((PICTURE.width - width) / 2), top: top + Math.floor((PICTURE.height - height) / 2) };
}

/** Without a font all characters are the same box. */
async function hasFont(): Promise<boolean> {
  const [narrow, wide] = await Promise.all(["1", "8"].map((digit) => sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="5" y="30" font-size="24" font-family="sans-serif">${digit}</text></svg>`)).raw().toBuffer()));
  return narrow !== undefined && wide !== undefined && !narrow.equals(wide);
}
