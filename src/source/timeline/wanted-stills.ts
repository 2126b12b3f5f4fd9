import type { StoredFragment } from "../../core/stored-fragment.js";

/** One picture of the archive: the last of a fragment at or before a time, or else the first that can be decoded alone. */
export interface WantedStill {
  readonly fragment: StoredFragment;
  /** Unix epoch, milliseconds, on the clock of the source. */
  readonly atMs: number;
}

/**
 * Groups that a session lists whole.
 * @param stored all around them, by start
 * @param most fragments in a list
 */
export function ofOneList(wanted: readonly WantedStill[], stored: readonly StoredFragment[], most: number): WantedStill[][] {
  const places = new Map(stored.map(({ number }, place) => [number, place]));
  const placeOf = (still: WantedStill | undefined): number => places.get(still?.fragment.number ?? "") ?? 0;
  return grouped(wanted, (still, [first]) => placeOf(still) - placeOf(first) < most);
}

export const ofOneFragment = (wanted: readonly WantedStill[]): WantedStill[][] => grouped(wanted, ({ fragment }, [first]) => first?.fragment === fragment);

function grouped(wanted: readonly WantedStill[], isOfGroup: (still: WantedStill, group: readonly WantedStill[]) => boolean): WantedStill[][] {
  const groups: WantedStill[][] = [];
  for (const still of wanted) {
    const last = groups.at(-1);
    if (last !== undefined && isOfGroup(still, last)) last.push(still);
    else groups.push([still]);
  }
  return groups;
}
