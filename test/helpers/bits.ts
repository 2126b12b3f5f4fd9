/** Parameter sets and slices by hand, bit by bit: for streams that no encoder at hand would write. */

/** ue(v) */
export function ue(value: number): string {
  const bits = (BigInt(value) + 1n).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

/** se(v) */
export const se = (value: number): string => ue(value > 0 ? 2 * value - 1 : -2 * value);

/** u(n) */
export const u = (count: number, value: number): string => value.toString(2).padStart(count, "0");

/** A NAL unit of a header and bits, with the bytes that prevent the emulation of a start code. */
export function nal(header: readonly number[], bits: string): Buffer {
  const payload = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2));
  const bytes = [...header];
  for (const byte of payload) {
    if (byte <= 3 && bytes.length > header.length + 1 && bytes.at(-1) === 0 && bytes.at(-2) === 0) bytes.push(3);
    bytes.push(byte);
  }
  return Buffer.from(bytes);
}

/** A sample of NAL units, each behind its length. */
export function sampleOf(units: readonly (Buffer | readonly number[])[], lengthBytes = 4): Buffer {
  return Buffer.concat(
    units.map((unit) => {
      const bytes = Buffer.alloc(lengthBytes + unit.length);
      bytes.writeUIntBE(unit.length, 0, lengthBytes);
      bytes.set(unit, lengthBytes);
      return bytes;
    }),
  );
}

export interface SequenceParts {
  readonly id?: number;
  readonly profile?: number;
  /** Macroblocks. */
  readonly columns?: number;
  readonly rows?: number;
  /** Bits from pic_order_cnt_type on to the end of what follows from it. */
  readonly order?: string;
  readonly hasFramesOnly?: boolean;
  /** From vui_parameters_present_flag on. */
  readonly vui?: string;
}

const MAIN = 77;
/** Type 0, with eight bits of pic_order_cnt_lsb. */
export const ORDER_BY_LSB = ue(0) + ue(4);

/** A sequence parameter set of H.264: frame_num has four bits. */
export function h264Sequence(parts: SequenceParts = {}): Buffer {
  const { id = 0, profile = MAIN, columns = 4, rows = 3, order = ORDER_BY_LSB, hasFramesOnly = true, vui = "0" } = parts;
  const size = ue(columns - 1) + ue(rows - 1) + (hasFramesOnly ? "1" : "00");
  // Direct inference, no cropping.
  return nal([0x67], `${u(8, profile)}${u(16, 30)}${ue(id)}${ue(0)}${order}${ue(4)}0${size}10${vui}1`);
}

/** A picture parameter set of H.264, of one reference in each list and no weights. */
export const h264Picture = (id = 0, sequenceId = 0): Buffer =>
  nal([0x68], `${ue(id)}${ue(sequenceId)}00${ue(0)}${ue(0)}${ue(0)}000${se(0)}${se(0)}${se(0)}0001`);

/** The body of an avcC box of these sets. */
export function avcC(...sets: readonly Buffer[]): Buffer {
  const ofType = (type: number): Buffer[] => sets.filter(([header = 0]) => (header & 0x1f) === type);
  const withLengths = (nals: readonly Buffer[]): Buffer[] => nals.map((bytes) => sampleOf([bytes], 2));
  const [sequences, pictures] = [ofType(7), ofType(8)];
  const head = Buffer.from([1, MAIN, 0, 30, 0xff, 0xe0 | sequences.length]);
  return Buffer.concat([head, ...withLengths(sequences), Buffer.from([pictures.length]), ...withLengths(pictures)]);
}

export interface SliceParts {
  /** slice_type */
  readonly type?: "P" | "B" | "I";
  readonly isIdr?: boolean;
  readonly isReference?: boolean;
  readonly pictureId?: number;
  readonly frameNum?: number;
  readonly lsb?: number;
  /** field_pic_flag and bottom_field_flag, where there are fields. */
  readonly field?: string;
  /** adaptive_ref_pic_marking_mode_flag and its operations. */
  readonly marking?: string;
}

const TYPES = { P: 0, B: 1, I: 2 } as const;
/** Of each type, up to dec_ref_pic_marking(): no more references, and their lists as they are. */
const LISTS = { P: "00", B: "1000", I: "" } as const;

/** A slice of H.264 that goes by {@link h264Sequence} and {@link h264Picture}. */
export function h264Slice(parts: SliceParts = {}): Buffer {
  const { type = "P", isIdr = false, isReference = true, pictureId = 0, frameNum = 0, lsb = 0, field = "", marking = "0" } = parts;
  const head = `${ue(0)}${ue(TYPES[type])}${ue(pictureId)}${u(4, frameNum)}${field}`;
  const order = `${isIdr ? ue(0) : ""}${u(8, lsb)}`;
  const marks = isReference ? (isIdr ? "00" : marking) : "";
  return nal([(isReference ? 0x60 : 0) | (isIdr ? 5 : 1)], `${head}${order}${LISTS[type]}${marks}${"1".repeat(24)}`);
}
