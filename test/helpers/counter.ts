const BITS = 24;

/**
 * Reads the number that a generated camera draws over the top eighth of its pictures, out of pixels with `channels`
 * bytes each: one row of cells for the bits, one for their complements.
 * @throws if a cell is neither black nor white, or the two rows do not contradict each other
 */
export function readCounter(pixels: Uint8Array, width: number, height: number, channels: number): number {
  const brightness = (column: number, row: number): number => {
    const x = Math.floor(((column + 0.5) * width) / BITS);
    const y = Math.floor(((row + 0.5) * height) / 16);
    const pixel = pixels.subarray((y * width + x) * channels, (y * width + x + 1) * channels);
    return pixel.reduce((sum, value) => sum + value, 0) / channels;
  };
  const rows = [0, 1].map((row) => Array.from({ length: BITS }, (_, column) => brightness(column, row)));
  const [bits, complements] = rows.map((row) => row.map((value) => value > 127)) as [boolean[], boolean[]];
  const isClear = rows.flat().every((value) => value < 80 || value > 175) && bits.every((bit, i) => bit !== complements[i]);
  if (!isClear) throw new Error(`no counter in the picture, cells are ${rows.map((row) => row.map(Math.round).join(" ")).join(" / ")}`);
  return bits.reduce((sum, bit, i) => sum + (bit ? 2 ** i : 0), 0);
}
