/** The bits of a NAL unit behind its header, as a text of 0 and 1, without the bytes that prevent the emulation of start codes. */
export function bitsOf(nal: Buffer, headerBytes: number): string {
  const payload = nal.subarray(headerBytes);
  const plain = payload.filter((byte, at) => !(byte === 3 && at >= 2 && payload[at - 1] === 0 && payload[at - 2] === 0));
  return [...plain].map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

/**
 * The reverse of {@link bitsOf}.
 * @param bits up to and with the 1 that ends them; what follows it is rewritten
 */
export function nalOf(header: Buffer, bits: string): Buffer {
  const whole = bits.slice(0, bits.lastIndexOf("1") + 1);
  const bytes: number[] = [];
  let zeros = 0;
  for (const text of whole.match(/.{1,8}/g) ?? []) {
    const byte = Number.parseInt(text.padEnd(8, "0"), 2);
    if (zeros >= 2 && byte <= 3) {
      bytes.push(3);
      zeros = 0;
    }
    bytes.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.concat([header, Buffer.from(bytes)]);
}

/** ue(v) */
export function ue(value: number): string {
  const bits = (value + 1).toString(2);
  return "0".repeat(bits.length - 1) + bits;
}

/** u(n) */
export const u = (value: number, count: number): string => value.toString(2).padStart(count, "0");

/** Reads a text of bits from its start. */
export class Cursor {
  at = 0;

  constructor(readonly bits: string) {}

  u(count: number): number {
    const value = Number.parseInt(this.bits.slice(this.at, this.at + count), 2);
    this.at += count;
    return value;
  }

  ue(): number {
    let zeros = 0;
    while (this.bits[this.at + zeros] === "0") zeros++;
    this.at += zeros;
    return this.u(zeros + 1) - 1;
  }

  /** So many of ue(v) or se(v). */
  skip(count: number): void {
    for (let i = 0; i < count; i++) this.ue();
  }

  get rest(): string {
    return this.bits.slice(this.at);
  }
}
