/** A box as its header claims it, cut to the bytes that are there. */
export interface FoundBox {
  readonly type: string;
  readonly start: number;
  /** Where its header ends. */
  readonly bodyAt: number;
  readonly end: number;
}

const HEADER = 8;
const LARGE_HEADER = 16;

/** Finds boxes side by side, up to bytes that cannot be a box's header. */
export function* boxesIn(bytes: Buffer, from = 0, to = bytes.length): Generator<FoundBox> {
  for (let start = from; start + HEADER <= to;) {
    const isLarge = bytes.readUInt32BE(start) === 1;
    const bodyAt = start + (isLarge ? LARGE_HEADER : HEADER);
    if (bodyAt > to) return;
    const end = start + sizeOf(bytes, start, isLarge, to - start);
    if (end < bodyAt) return;
    const type = bytes.toString("latin1", start + 4, start + HEADER);
    yield { type, start, bodyAt, end: Math.min(end, to) };
    start = end;
  }
}

/** Reads a box's size; 0 means all that is left. */
function sizeOf(bytes: Buffer, start: number, isLarge: boolean, left: number): number {
  return (
    (isLarge ? Number(bytes.readBigUInt64BE(start + HEADER)) : bytes.readUInt32BE(start)) || left
  );
}

/** Finds the boxes of a type inside of another. */
export const childrenOf = (bytes: Buffer, parent: FoundBox, type: string): FoundBox[] =>
  [...boxesIn(bytes, parent.bodyAt, parent.end)].filter((box) => box.type === type);

/** Follows a path of types down from a box. */
export function descend(
  bytes: Buffer,
  from: FoundBox | undefined,
  ...path: readonly string[]
): FoundBox | undefined {
  return path.reduce((box, type) => box && childrenOf(bytes, box, type)[0], from);
}

/** The fields of a box, which may all be missing. */
export class Fields {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, box: FoundBox | undefined) {
    this.#bytes = box ? bytes.subarray(box.bodyAt, box.end) : Buffer.alloc(0);
  }

  get length(): number {
    return this.#bytes.length;
  }

  get version(): number {
    return this.uint8(0) ?? 0;
  }

  get flags(): number {
    return (this.uint32(0) ?? 0) & 0xff_ffff;
  }

  uint8(at: number): number | undefined {
    return this.#bytes[at];
  }

  uint16(at: number): number | undefined {
    return at + 2 <= this.length ? this.#bytes.readUInt16BE(at) : undefined;
  }

  uint32(at: number): number | undefined {
    return at + 4 <= this.length ? this.#bytes.readUInt32BE(at) : undefined;
  }

  int32(at: number): number | undefined {
    return at + 4 <= this.length ? this.#bytes.readInt32BE(at) : undefined;
  }

  uint64(at: number): bigint | undefined {
    return at + 8 <= this.length ? this.#bytes.readBigUInt64BE(at) : undefined;
  }

  /** Gives the bytes of a stretch that is there as a whole. */
  bytes(from: number, to: number): Buffer | undefined {
    return to <= this.length ? this.#bytes.subarray(from, to) : undefined;
  }
}
