import type { Camera } from "../../src/emulator/index.js";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The emulator's fragments are 20 s long at most. */
const LONGEST_MS = 20_000;
/** What the network makes of the service's times. */
const JITTER_MS = 50;

/** What a camera's stream really lacks of a range. */
export function missingOf(camera: Camera, { fromMs, toMs }: Span, clock: "producer" | "server"): Span[] {
  const stored = camera.fragments(fromMs - LONGEST_MS, toMs, clock).map(({ startMs, durationMs }) => ({ fromMs: startMs[clock], toMs: startMs[clock] + durationMs }));
  const missing: Span[] = [];
  let at = fromMs;
  for (const span of [...stored.sort((a, b) => a.fromMs - b.fromMs), { fromMs: toMs, toMs }]) {
    if (span.fromMs - at > JITTER_MS) missing.push({ fromMs: at, toMs: span.fromMs });
    at = Math.max(at, span.toMs);
  }
  return missing;
}
