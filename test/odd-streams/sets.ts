import { bitsOf, Cursor, nalOf, u, ue } from "./bits.js";
import { HEADER_BYTES, isPictureSet, isSequence, type Codec } from "./nal.js";

/** Cut from each side, in units of two pixels. */
export interface Cropping {
  readonly left?: number;
  readonly right?: number;
  readonly top?: number;
  readonly bottom?: number;
}

export interface SequenceEdit {
  readonly id?: number;
  /** In addition to what is cropped already. */
  readonly crop?: Cropping;
  /** Leaves the VUI out: H.264. */
  readonly dropsVui?: boolean;
  /** How many pictures are reordered, as the set says. */
  readonly reordered?: number;
}

/** Returns the sets with their sequence parameter sets changed. */
export const editSets = (codec: Codec, sets: readonly Buffer[], edit: SequenceEdit): Buffer[] =>
  sets.map((nal) => {
    if (isSequence(codec, nal)) return codec === "h264" ? editH264(nal, edit) : editH265(nal, edit);
    return isPictureSet(codec, nal) && edit.id !== undefined ? referTo(codec, nal, edit.id) : nal;
  });

/** Returns a picture parameter set of another sequence parameter set. */
function referTo(codec: Codec, nal: Buffer, sequence: number): Buffer {
  const bits = new Cursor(bitsOf(nal, HEADER_BYTES[codec]));
  const id = bits.ue();
  bits.ue();
  return nalOf(nal.subarray(0, HEADER_BYTES[codec]), ue(id) + ue(sequence) + bits.rest);
}

function croppingIn(bits: Cursor): number[] {
  return bits.u(1) === 1 ? [bits.ue(), bits.ue(), bits.ue(), bits.ue()] : [0, 0, 0, 0];
}

function croppingBits(old: readonly number[], { left = 0, right = 0, top = 0, bottom = 0 }: Cropping = {}): string {
  const all = [left, right, top, bottom].map((more, at) => more + old[at]!);
  return all.every((each) => each === 0) ? "0" : `1${all.map(ue).join("")}`;
}

/** Of the profiles that x264 writes, without scaling lists. */
function editH264(nal: Buffer, edit: SequenceEdit): Buffer {
  const bits = new Cursor(bitsOf(nal, 1));
  const profile = bits.u(8);
  bits.at = 24;
  const oldId = bits.ue();
  const middleAt = bits.at;
  if (profile >= 100) {
    bits.skip(3);
    bits.at += 2;
  }
  bits.skip(1);
  const orderType = bits.ue();
  if (orderType === 0) bits.skip(1);
  bits.skip(1);
  bits.at += 1;
  bits.skip(2);
  const hasFramesOnly = bits.u(1) === 1;
  bits.at += hasFramesOnly ? 1 : 2;
  const middle = bits.bits.slice(middleAt, bits.at);
  const crop = croppingBits(croppingIn(bits), edit.crop);
  const vui = edit.dropsVui ? "01" : edit.reordered === undefined ? bits.rest : vuiWith(bits, edit.reordered);
  return nalOf(nal.subarray(0, 1), bits.bits.slice(0, 24) + ue(edit.id ?? oldId) + middle + crop + vui);
}

/** Writes max_num_reorder_frames, of a VUI as x264 writes it. */
function vuiWith(bits: Cursor, reordered: number): string {
  const from = bits.at;
  if (bits.u(1) === 0) throw new Error("cannot edit a VUI: there is none");
  if (bits.u(1) === 1 && bits.u(8) === 255) bits.at += 32;
  if (bits.u(1) === 1) bits.at += 1;
  if (bits.u(1) === 1) {
    bits.at += 4;
    if (bits.u(1) === 1) bits.at += 24;
  }
  if (bits.u(1) === 1) bits.skip(2);
  if (bits.u(1) === 1) bits.at += 65;
  if (bits.u(2) !== 0) throw new Error("cannot edit a VUI with buffering parameters");
  bits.at += 1;
  const head = bits.bits.slice(from, bits.at);
  if (bits.u(1) === 0) throw new Error("cannot edit a VUI without restrictions");
  const restrictedAt = bits.at;
  bits.at += 1;
  bits.skip(4);
  const before = bits.bits.slice(restrictedAt, bits.at);
  bits.ue();
  const buffered = Math.max(bits.ue(), reordered);
  return `${head}1${before}${ue(reordered)}${ue(buffered)}1`;
}

/** Of one temporal layer, as x265 writes it. */
function editH265(nal: Buffer, edit: SequenceEdit): Buffer {
  const bits = new Cursor(bitsOf(nal, 2));
  bits.at = 8 + 96;
  const head = bits.bits.slice(0, bits.at);
  const oldId = bits.ue();
  const sizeAt = bits.at;
  bits.skip(3);
  const size = bits.bits.slice(sizeAt, bits.at);
  const crop = croppingBits(croppingIn(bits), edit.crop);
  const depthsAt = bits.at;
  bits.skip(3);
  bits.at += 1;
  const depths = bits.bits.slice(depthsAt, bits.at);
  const buffered = bits.ue();
  const reordered = edit.reordered ?? bits.ue();
  if (edit.reordered !== undefined) bits.ue();
  return nalOf(nal.subarray(0, 2), head + ue(edit.id ?? oldId) + size + crop + depths + ue(Math.max(buffered, reordered)) + ue(reordered) + bits.rest);
}

/** A sequence parameter set of H.264 that nothing refers to. */
export const strayPictureSet = (id: number): Buffer => nalOf(Buffer.from([0x68]), `${ue(id)}${ue(0)}${u(0, 2)}${ue(0)}${ue(0)}${ue(0)}${u(0, 3)}${ue(0)}${ue(0)}${ue(0)}${u(0, 3)}1`);

/** Returns a picture parameter set with another chroma QP offset, so that pictures that go by it have other colors. */
export function recolored(codec: Codec, nal: Buffer): Buffer {
  const all = bitsOf(nal, HEADER_BYTES[codec]);
  const bits = new Cursor(all);
  bits.skip(2); // its id, and that of its sequence parameter set
  bits.at += codec === "h264" ? 2 : 7; // flags, and how many bits a slice header has more
  bits.skip(3); // slice groups and counts of references; of H.265 counts and init_qp
  bits.at += codec === "h264" ? 3 : 2; // flags
  if (codec === "h264") bits.skip(2); // init_qp and init_qs
  else if (bits.u(1) === 1) bits.skip(1); // the depth of quantization groups
  const head = all.slice(0, bits.at);
  bits.skip(1);
  return nalOf(nal.subarray(0, HEADER_BYTES[codec]), head + ue(15) + bits.rest);
}
