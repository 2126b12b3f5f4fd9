import type { Clock } from "../core/frame.js";
import type { StoredFragment } from "../core/stored-fragment.js";
import type { FragmentIndex } from "../session/fragment-index.js";

export interface Walk {
  readonly clock: Clock;
  /** Where to begin and how far to go, forwards or backwards: Unix epoch, milliseconds. */
  readonly fromMs: number;
  readonly towardsMs: number;
}

const MINUTE_MS = 60_000;
/** How much further each step reaches than the one before. */
const GROWTH = 4;
/** As much as is listed at once: mostly one page of the index. */
const LISTED_MS = 15 * MINUTE_MS;

/**
 * The stored fragments nearest to a time in one direction, by start on the walk's clock: some minutes of them, none when nothing is
 * stored there. However long the way, it takes some dozen requests, and never lists hours.
 * @throws KVSConnectionError, or the signal's reason
 */
export async function nearestStored(index: FragmentIndex, { clock, fromMs, towardsMs }: Walk, signal: AbortSignal): Promise<StoredFragment[]> {
  const direction = Math.sign(towardsMs - fromMs);
  const length = Math.abs(towardsMs - fromMs);
  const range = (near: number, far: number) => {
    const [a, b] = [fromMs + direction * near, fromMs + direction * far];
    return { clock, fromMs: Math.min(a, b), toMs: Math.max(a, b) };
  };
  for (let near = 0, far = MINUTE_MS; near < length; near = far, far *= GROWTH) {
    const end = Math.min(far, length);
    if (end - near > LISTED_MS && (await index.isEmpty(range(near, end), signal))) continue;
    const found = await index.list(range(...(await narrowed(near, end))), signal);
    if (found.length > 0) return found;
  }
  return [];

  /** Halves a stretch that holds something until the part of it that is nearest is short. */
  async function narrowed(near: number, far: number): Promise<[number, number]> {
    if (far - near <= LISTED_MS) return [near, far];
    const middle = (near + far) / 2;
    return (await index.isEmpty(range(near, middle), signal)) ? narrowed(middle, far) : narrowed(near, middle);
  }
}
