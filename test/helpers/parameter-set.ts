import assert from "node:assert/strict";
import { unescaped } from "../../src/media/bits.js";
import type { Clip } from "./clip.js";

/**
 * A clip of H.264 whose parameter set ends before its VUI, as those of many cameras do: it says nothing of reordering. Of the same
 * length, with zeros behind it. Only for sets whose flag for the VUI is the bit after the last number of the cropping.
 */
export function withoutVui(clip: Clip): Clip {
  const at = clip.init.indexOf("avcC", 0, "latin1") + 4 + 8;
  const nal = clip.init.subarray(at, at + clip.init.readUInt16BE(at - 2));
  assert.equal(nal[0]! & 0x1f, 7, "a sequence parameter set");
  const bits = [...unescaped(nal.subarray(1))].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const from = vuiFlagAt(bits);
  assert.equal(bits[from], "1", "it has a VUI");
  const cut = `${bits.slice(0, from)}01`.padEnd(bits.length, "0").match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2));
  const whole = Buffer.alloc(nal.length);
  nal.copy(whole, 0, 0, 1);
  assert.ok(!/000000|000001|000002|000003/.test(Buffer.from(cut.slice(0, Math.ceil((from + 2) / 8))).toString("hex")), "nothing to escape");
  Buffer.from(cut).copy(whole, 1);
  return { ...clip, init: Buffer.concat([clip.init.subarray(0, at), whole, clip.init.subarray(at + nal.length)]) };
}

/** ISO/IEC 14496-10 7.3.2.1.1, for 4:2:0 of eight bits in frames. */
function vuiFlagAt(bits: string): number {
  let at = 24;
  const number = (): number => {
    const zeros = bits.indexOf("1", at) - at;
    const value = Number.parseInt(bits.slice(at + zeros, at + 2 * zeros + 1), 2) - 1;
    at += 2 * zeros + 1;
    return value;
  };
  number(); // id
  if (Number.parseInt(bits.slice(0, 8), 2) >= 100) {
    for (let count = 0; count < 3; count++) number(); // chroma and depths
    at += 1;
    assert.equal(bits[at++], "0", "no scaling matrix");
  }
  number();
  if (number() === 0) number();
  number();
  at += 1;
  number();
  number();
  if (bits[at++] === "0") at += 1;
  at += 1;
  if (bits[at++] === "1") for (let count = 0; count < 4; count++) number();
  return at;
}
