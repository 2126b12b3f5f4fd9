/** How much of a fragment is wanted: nothing, all of it, or no more than its beginning. */
export type Need = "nothing" | "whole" | Beginning;

/** The beginning of a fragment, as far as that itself tells. */
export interface Beginning {
  /** So many bytes will probably do. */
  readonly guess: number;
  /**
   * @param bytes what there is of it, from its start
   * @param total bytes of all of it
   * @param init its init segment
   * @returns how many bytes from its start are needed; more than there are while these do not tell
   */
  readonly bytesNeeded: (bytes: Buffer, total: number, init: Buffer) => number;
}
