import assert from "node:assert/strict";
import type { Camera, FragmentTruth, FrameTruth } from "../../src/emulator/index.js";

/** A frame as it was delivered: from the library, or a record's fields. */
export interface SeenFrame {
  readonly fragment: string;
  readonly index: number;
  readonly capturedAt: number;
}

export interface SeenGap {
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: string;
}

const keyOf = ({ fragment, index }: Pick<SeenFrame, "fragment" | "index">): string => `${fragment}/${index}`;

/** A frame of the camera that was not delivered. */
export interface MissingFrame {
  readonly fragment: FragmentTruth;
  readonly frame: FrameTruth;
}

/**
 * Compares what was delivered with what the camera sent from the first to the last fragment delivered: order, repetitions
 * and times must be right.
 * @returns what the camera sent in between and was not delivered
 */
export function compareWithTruth(camera: Camera, seen: readonly SeenFrame[], clock: "producer" | "server" = "producer"): MissingFrame[] {
  const numbers = [...new Set(seen.map(({ fragment }) => fragment))];
  assert.deepEqual(numbers, [...numbers].sort(byNumber), "fragments in order");
  assert.equal(new Set(seen.map(keyOf)).size, seen.length, "no frame twice");
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return [];
  const sent = fragmentsBetween(camera, first, last);
  const truths = new Map(sent.flatMap((fragment) => fragment.frames.map((frame) => [keyOf({ fragment: fragment.number, index: frame.index }), { fragment, frame }])));
  for (const frame of seen) {
    const truth = truths.get(keyOf(frame));
    assert.ok(truth, `frame ${keyOf(frame)} was sent by the camera`);
    const exactMs = clock === "producer" ? truth.frame.producerMs : truth.frame.serverMs;
    assert.ok(Math.abs(frame.capturedAt - exactMs) <= 1, `frame ${keyOf(frame)} at ${frame.capturedAt}, wanted ${exactMs}`);
    truths.delete(keyOf(frame));
  }
  const [from, to] = [seen[0]!, seen.at(-1)!];
  return [...truths.values()].filter(({ fragment: { number }, frame: { index } }) => !(number === from.fragment && index < from.index) && !(number === to.fragment && index > to.index));
}

/** All that the camera sent from one fragment to another, in the order of ingest. */
function fragmentsBetween(camera: Camera, first: string, last: string): FragmentTruth[] {
  const [from, to] = [camera.truth(first), camera.truth(last)];
  assert.ok(from && to, "the first and the last fragment are the camera's");
  return camera.fragments(from.startMs.server, to.startMs.server, "server");
}

/** Each missing frame must lie in a gap that was told. */
export function assertTold(missing: readonly MissingFrame[], gaps: readonly SeenGap[]): void {
  for (const { fragment, frame } of missing) {
    const isTold = gaps.some(({ fromMs, toMs }) => fromMs <= frame.producerMs + 1 && frame.producerMs - 1 <= toMs);
    assert.ok(isTold, `frame ${fragment.number}/${frame.index} of ${frame.producerMs} is in one of the gaps ${JSON.stringify(gaps)}`);
  }
}

const byNumber = (a: string, b: string): number => (BigInt(a) < BigInt(b) ? -1 : 1);
