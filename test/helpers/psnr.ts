import assert from "node:assert/strict";

/** Peak signal to noise ratio of two pictures of 8-bit samples, dB; Infinity for equal ones. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  assert.equal(a.length, b.length);
  let squares = 0;
  for (let i = 0; i < a.length; i += 1) squares += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10((255 ** 2 * a.length) / squares);
}
