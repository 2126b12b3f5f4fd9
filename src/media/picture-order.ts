import type { SliceHeader } from "./slice.js";
import type { SequenceParameters } from "./sps.js";

/** A picture as far as its place in output order goes. */
export interface OrderedPicture {
  readonly header: SliceHeader;
  readonly sps: SequenceParameters;
  /** It begins a coded video sequence: what precedes it in decoding order is output before it. */
  readonly isReset: boolean;
  /** Other pictures may reference it; for H.265, the order of those that follow counts from it. */
  readonly isReference: boolean;
}

/** Where a picture is output: first by coded video sequence, then by picture order count. */
interface Place {
  readonly sequence: number;
  readonly count: number;
}

/**
 * Works out the output order of pictures from their slices alone, whatever their container says of times:
 * ISO/IEC 14496-10 8.2.1, 23008-2 8.3.1.
 * @param pictures in decoding order, of one codec
 * @returns the rank of each in output order, from 0
 */
export function outputRanks(pictures: readonly OrderedPicture[]): number[] {
  const counter = new OrderCounter();
  const places = pictures.map((picture) => counter.next(picture));
  const order = places.map((_, at) => at).sort((a, b) => compare(places[a], places[b]) || a - b);
  const ranks = places.map(() => 0);
  for (const [rank, at] of order.entries()) ranks[at] = rank;
  return ranks;
}

const compare = (a: Place = NOWHERE, b: Place = NOWHERE): number => a.sequence - b.sequence || a.count - b.count;
const NOWHERE: Place = { sequence: 0, count: 0 };

/** Counts pictures as a decoder does that begins with the first of them. */
class OrderCounter {
  #sequence = 0;
  #isFirst = true;
  /** Picture order count of the last reference: its upper and lower part. */
  #msb = 0;
  #lsb = 0;
  #frameNum = 0;
  #frameNumOffset = 0;

  next(picture: OrderedPicture): Place {
    if (picture.isReset && !this.#isFirst) this.#sequence += 1;
    if (picture.isReset || this.#isFirst) this.#begin(picture);
    this.#isFirst = false;
    const count = picture.sps.order === undefined || picture.sps.order.type === 0 ? this.#byLsb(picture) : this.#byFrameNum(picture);
    if (!picture.header.resetsOrder) return { sequence: this.#sequence, count };
    // The picture itself is output after all that precedes it.
    this.#sequence += 1;
    this.#restart();
    return { sequence: this.#sequence, count: 0 };
  }

  #begin({ header, isReset }: OrderedPicture): void {
    this.#msb = 0;
    // Of a picture in the middle of a sequence the upper part is not known, and does not matter.
    this.#lsb = isReset ? 0 : header.orderLsb;
    this.#frameNum = header.frameNum;
    this.#frameNumOffset = 0;
  }

  #restart(): void {
    this.#msb = 0;
    this.#lsb = 0;
    this.#frameNum = 0;
    this.#frameNumOffset = 0;
  }

  #byLsb({ header, sps, isReference }: OrderedPicture): number {
    const range = 2 ** (sps.order?.lsbBits ?? sps.lsbBits);
    const { orderLsb: lsb } = header;
    let msb = this.#msb;
    if (lsb < this.#lsb && this.#lsb - lsb >= range / 2) msb += range;
    else if (lsb > this.#lsb && lsb - this.#lsb > range / 2) msb -= range;
    if (isReference) {
      this.#msb = msb;
      this.#lsb = lsb;
    }
    const [delta] = header.orderDeltas;
    return msb + lsb + Math.min(0, delta);
  }

  #byFrameNum({ header, sps, isReference }: OrderedPicture): number {
    const { order } = sps;
    if (order === undefined) return 0;
    if (header.frameNum < this.#frameNum) this.#frameNumOffset += 2 ** order.maxFrameNumBits;
    this.#frameNum = header.frameNum;
    const absolute = this.#frameNumOffset + header.frameNum;
    if (order.type === 2) return 2 * absolute - (isReference ? 0 : 1);
    return expectedCount(order, absolute, isReference) + Math.min(header.orderDeltas[0], header.orderDeltas[0] + order.offsetForTopToBottom + header.orderDeltas[1]);
  }
}

/** ISO/IEC 14496-10 8.2.1.2 */
function expectedCount(order: NonNullable<SequenceParameters["order"]>, absolute: number, isReference: boolean): number {
  const { offsetsForReference: offsets, offsetForNonReference } = order;
  const cycle = offsets.reduce((sum, offset) => sum + offset, 0);
  const number = offsets.length === 0 ? 0 : Math.max(0, isReference ? absolute : absolute - 1);
  const whole = offsets.length === 0 ? 0 : Math.floor((number - 1) / offsets.length);
  const expected = number === 0 ? 0 : whole * cycle + offsets.slice(0, ((number - 1) % offsets.length) + 1).reduce((sum, offset) => sum + offset, 0);
  return expected + (isReference ? 0 : offsetForNonReference);
}
