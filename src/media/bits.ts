/** A payload without the bytes that prevent the emulation of a start code: ISO/IEC 14496-10 7.4.1. */
export const unescaped = (payload: Buffer): Buffer => Buffer.from(payload.filter((byte, at) => !(byte === 3 && at >= 2 && payload[at - 1] === 0 && payload[at - 2] === 0)));

/** Bits of a payload without those bytes, from its start. */
export interface BitRange {
  readonly from: number;
  readonly to: number;
}

/** Reads the bits of a NAL unit's payload, most significant first: ISO/IEC 14496-10 7.2 and 9.1. */
export class BitReader {
  #at = 0;
  readonly #bytes: Buffer;

  /** @param payload of a NAL unit, after its header; the bytes that prevent the emulation of a start code are left out */
  constructor(payload: Buffer) {
    this.#bytes = unescaped(payload);
  }

  /** @throws RangeError at the end of the payload */
  bit(): number {
    const byte = this.#bytes[this.#at >> 3];
    if (byte === undefined) throw new RangeError("the bits end too early");
    return (byte >> (7 - (this.#at++ & 7))) & 1;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#at;
  }

  flag(): boolean {
    return this.bit() === 1;
  }

  /** u(n), of up to 32 bits. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.bit();
  }

  /** ue(v) */
  unsigned(): number {
    let zeros = 0;
    while (this.bit() === 0) if (++zeros > 32) throw new RangeError("a number has more than 32 bits");
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** ue(v), and where it is. */
  located(): BitRange & { readonly value: number } {
    const from = this.#at;
    const value = this.unsigned();
    return { value, from, to: this.#at };
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : 0 - code / 2;
  }

  /** So many numbers of ue(v) or se(v), which are of the same length. */
  skipNumbers(count: number): void {
    for (let i = 0; i < count; i++) this.unsigned();
  }
}
