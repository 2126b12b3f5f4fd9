import type { BitReader } from "./bits.js";

/** A picture that another may reference, by the difference of their picture order counts. */
interface Entry {
  readonly delta: number;
  /** The picture itself references it; otherwise one after it does. */
  readonly isUsed: boolean;
}

/** A short-term reference picture set of H.265, each half in the order in which it is coded. */
export interface ReferenceSet {
  /** Shown before the picture. */
  readonly before: readonly Entry[];
  /** Shown after it. */
  readonly after: readonly Entry[];
}

const MOST_SETS = 64;
const MOST_ENTRIES = 16;

/**
 * Reads the sets of a sequence parameter set: ISO/IEC 23008-2 7.3.2.2.1.
 * @throws RangeError when there are more than there may be, or they end too early
 */
export function readReferenceSets(bits: BitReader): ReferenceSet[] {
  const count = bits.unsigned();
  if (count > MOST_SETS) throw new RangeError(`${count} reference picture sets, wanted ${MOST_SETS} at most`);
  const sets: ReferenceSet[] = [];
  for (let set = 0; set < count; set++) sets.push(readSet(bits, sets, false));
  return sets;
}

/**
 * Reads what a slice header says of its set: ISO/IEC 23008-2 7.3.6.1, from short_term_ref_pic_set_sps_flag on.
 * @param sets of its sequence parameter set
 * @throws RangeError
 */
export function readSetOfSlice(bits: BitReader, sets: readonly ReferenceSet[]): ReferenceSet {
  if (!bits.flag()) return readSet(bits, sets, true);
  const chosen = sets[bits.bits(Math.ceil(Math.log2(sets.length)))];
  if (chosen === undefined) throw new RangeError("a reference picture set that is not there");
  return chosen;
}

/** Reads st_ref_pic_set(): ISO/IEC 23008-2 7.3.7. A set may be coded by its difference to an earlier one. */
function readSet(bits: BitReader, earlier: readonly ReferenceSet[], isInSlice: boolean): ReferenceSet {
  if (earlier.length > 0 && bits.flag()) return readDifference(bits, earlier, isInSlice);
  const [before, after] = [bits.unsigned(), bits.unsigned()];
  if (before + after > MOST_ENTRIES) throw new RangeError(`${before + after} references, wanted ${MOST_ENTRIES} at most`);
  return { before: readEntries(bits, before, -1), after: readEntries(bits, after, 1) };
}

function readEntries(bits: BitReader, count: number, sign: 1 | -1): Entry[] {
  let delta = 0;
  return Array.from({ length: count }, () => {
    delta += sign * (bits.unsigned() + 1);
    return { delta, isUsed: bits.flag() };
  });
}

/** ISO/IEC 23008-2 7.4.8, equations 7-61 and 7-62. */
function readDifference(bits: BitReader, earlier: readonly ReferenceSet[], isInSlice: boolean): ReferenceSet {
  const from = earlier.at(-1 - (isInSlice ? bits.unsigned() : 0));
  if (from === undefined) throw new RangeError("a reference picture set that is not there");
  const isNegative = bits.flag();
  const shift = (bits.unsigned() + 1) * (isNegative ? -1 : 1);
  const moved = (entry: Entry): Entry | undefined => {
    const isUsed = bits.flag();
    const isKept = isUsed || bits.flag();
    return isKept ? { delta: entry.delta + shift, isUsed } : undefined;
  };
  const [before, after] = [from.before.map(moved), from.after.map(moved)];
  // The picture that the earlier set was of.
  const itself = moved({ delta: 0, isUsed: false });
  const isThere = (entry: Entry | undefined): entry is Entry => entry !== undefined;
  const all = { before: [...[...after].reverse(), itself, ...before], after: [...[...before].reverse(), itself, ...after] };
  const set = { before: all.before.filter(isThere).filter(({ delta }) => delta < 0), after: all.after.filter(isThere).filter(({ delta }) => delta > 0) };
  if (set.before.length + set.after.length > MOST_ENTRIES) throw new RangeError(`more than ${MOST_ENTRIES} references`);
  return set;
}
