import { boxesIn, type FoundBox } from "./boxes.js";

/** What one file, or a stretch of it, is. */
export interface Piece {
  readonly kind: "init" | "fragment";
  readonly bytes: Buffer;
}

/** Boxes that belong to the moof behind them. */
const BEFORE_MOOF = new Set(["styp", "sidx", "prft", "emsg"]);
const OF_INIT = new Set(["ftyp", "moov"]);

/**
 * Tells what a file is. One with a moov is an init segment, and split at each moof where there are
 * any; no byte of it is lost. Any other is a fragment, whatever is in it.
 */
export function piecesOf(bytes: Buffer): Piece[] {
  const boxes = [...boxesIn(bytes)];
  if (!boxes.some(({ type }) => type === "moov")) return [{ kind: "fragment", bytes }];
  const cuts = [0, ...cutsIn(boxes)];
  return cuts.map((from, i) => {
    const to = cuts[i + 1] ?? bytes.length;
    const isInit = boxes.some(({ type, start }) => type === "moov" && start >= from && start < to);
    return { kind: isInit ? "init" : "fragment", bytes: bytes.subarray(from, to) };
  });
}

/** Finds where fragments and further init segments begin. */
function* cutsIn(boxes: readonly FoundBox[]): Generator<number> {
  let isInInit = true;
  let leadAt: number | undefined;
  for (const { type, start } of boxes) {
    if (BEFORE_MOOF.has(type)) leadAt ??= start;
    else if (type === "moof") {
      const at = leadAt ?? start;
      if (at > 0) yield at;
      isInInit = false;
    } else if (OF_INIT.has(type) && !isInInit) {
      yield start;
      isInInit = true;
    }
    if (!BEFORE_MOOF.has(type)) leadAt = undefined;
  }
}
