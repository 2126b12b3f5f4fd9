import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { startEmulator, type Emulator, type FaultInput, type Media } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions, SourceEvent } from "../../src/index.js";
import { FFMPEG } from "./emulated.js";
import { openSource } from "./read-frames.js";
import { compareWithTruth, type MissingFrame, type SeenFrame, type SeenGap } from "./truth.js";

export interface FaultRun {
  readonly media: Media;
  readonly faults: readonly FaultInput[];
  readonly sessionSeconds?: number | undefined;
  /** Until footage ingested so long after the start has come, milliseconds. */
  readonly lengthMs: number;
  readonly options?: Partial<KvsHlsFrameSourceOptions>;
  /** Of the pictures of an undisturbed run, by the number drawn into them. */
  readonly fingerprints?: ReadonlyMap<number, string>;
}

export interface FaultRunResult {
  readonly frames: number;
  readonly gaps: readonly SeenGap[];
  /** Frames that the service never served whole: by right missing. */
  readonly missing: number;
  /** Frames whose pictures are not the camera's: bytes were overwritten in a way that a decoder cannot notice (docs/corruption.md). */
  readonly damaged: number;
  readonly events: readonly SourceEvent[];
  readonly emulator: Emulator;
}

const QUICK = { timeout: 1.5, reconnectDelay: 0.1, maxReconnectDelay: 0.5, maxConsecutiveErrors: 1000, delivery: "complete", pixelFormat: "gray8" } as const;
/** What takes so much longer than the footage itself hangs. */
const HANGS_AFTER_MS = 60_000;

/** Fingerprints of all pictures of a camera's loop. */
export async function fingerprintsOf(media: Media, count: number): Promise<Map<number, string>> {
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [{ name: "front", source: media }] });
  const prints = new Map<number, string>();
  await using source = openSource(emulator.url, { ...QUICK, streamName: "front" });
  for await (const frame of source) {
    const truth = emulator.cameras.get("front")?.truth(frame.fragment)?.frames[frame.index];
    prints.set(truth?.counter ?? -1, fingerprint(frame.data));
    if (prints.size === count) break;
  }
  await emulator.close();
  return prints;
}

/** Reads a camera while things go wrong, and checks what comes against what the camera sent and what the service served. */
export async function runWithFaults({ media, faults, sessionSeconds, lengthMs, options, fingerprints }: FaultRun): Promise<FaultRunResult> {
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [{ name: "front", source: media }], faults, sessionSeconds });
  const startedAt = Date.now();
  const camera = emulator.cameras.get("front")!;
  const [frames, gaps, events]: [SeenFrame[], SeenGap[], SourceEvent[]] = [[], [], []];
  const damaged: Pick<Frame, "fragment" | "index">[] = [];
  const onEvent = (event: SourceEvent): void => {
    if (event.type !== "frame") events.push(event);
    if (event.type === "gap") gaps.push(event);
  };
  try {
    await using source = openSource(emulator.url, { ...QUICK, ...options, streamName: "front", onEvent, signal: AbortSignal.timeout(lengthMs + HANGS_AFTER_MS) });
    for await (const frame of source) {
      const truth = camera.truth(frame.fragment);
      const counter = truth?.frames[frame.index]?.counter;
      if (fingerprints && fingerprint(frame.data) !== fingerprints.get(counter ?? -1)) damaged.push(frame);
      frames.push({ fragment: frame.fragment, index: frame.index, capturedAt: frame.capturedAt });
      if ((truth?.startMs.server ?? 0) > startedAt + lengthMs) break;
      if (options?.delivery === undefined) await sleep(0);
    }
    const missing = withoutRepeats(compareWithTruth(camera, frames), frames);
    assertByRight(missing, gaps, emulator);
    assertUnnoticeable(damaged, emulator);
    return { frames: frames.length, gaps, missing: missing.length, damaged: damaged.length, events, emulator };
  } finally {
    await emulator.close();
  }
}

/** Footage that a camera sent a second time, under other numbers, is not wanted twice. */
const withoutRepeats = (missing: readonly MissingFrame[], frames: readonly SeenFrame[]): MissingFrame[] => {
  const times = new Set(frames.map(({ capturedAt }) => capturedAt));
  return missing.filter(({ frame: { producerMs } }) => ![-1, 0, 1].some((off) => times.has(Math.round(producerMs) + off)));
};

/** What is missing must be of a fragment that was never served whole, and inside a gap that was told. */
function assertByRight(missing: readonly MissingFrame[], gaps: readonly SeenGap[], { journal }: Emulator): void {
  for (const { fragment, frame } of missing) {
    const name = `missing frame ${fragment.number}/${frame.index} of ${Math.round(frame.producerMs)}`;
    const served = journal.filter((entry) => entry.fragment === fragment.number);
    assert.ok(!served.some(({ isWhole }) => isWhole), `${name} was served whole`);
    assert.ok(served.length > 0, `${name} was never asked for`);
    assert.ok(gaps.some(({ fromMs, toMs }) => fromMs <= frame.producerMs + 1 && frame.producerMs - 1 <= toMs), `${name} is in a gap that was told`);
  }
}

/** Only what was overwritten on its way may look other than the camera saw it. */
function assertUnnoticeable(damaged: readonly Pick<Frame, "fragment" | "index">[], { journal }: Emulator): void {
  for (const { fragment, index } of damaged) {
    assert.ok(journal.some((entry) => entry.fragment === fragment && entry.fault === "corrupt"), `picture of frame ${fragment}/${index} is not the camera's`);
  }
}

const fingerprint = (data: Buffer): string => createHash("sha1").update(data).digest("base64");
