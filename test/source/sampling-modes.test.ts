import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { startEmulator, type Camera, type Emulator, type JournalEntry, type Media } from "../../src/emulator/index.js";
import type { Frame, KvsHlsFrameSourceOptions, SourceEvent } from "../../src/index.js";
import { readCounter } from "../helpers/counter.js";
import { FFMPEG } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";
import { encodeSorts, expectedOf } from "../helpers/sampled.js";

const SORTS = ["plain", "b-frames", "h265-b-frames", "variable-rate", "many-keys"] as const;
const RANGES = ["honoured", "ignored"] as const;
/** Rates at which `auto` takes key pictures, of which there is one a second or more, and any picture. */
const SPARSE = 0.5;
const DENSE = 3;
const MODES: readonly { sampling: "exact" | "keyframe" | "auto"; targetFps?: number; keysOnly: boolean }[] = [
  { sampling: "exact", targetFps: SPARSE, keysOnly: false },
  { sampling: "exact", targetFps: DENSE, keysOnly: false },
  { sampling: "keyframe", keysOnly: true },
  { sampling: "keyframe", targetFps: SPARSE, keysOnly: true },
  { sampling: "auto", targetFps: SPARSE, keysOnly: true },
  { sampling: "auto", targetFps: DENSE, keysOnly: false },
];
const LIVE_MS = 6000;
const ARCHIVE_MS = 20_000;

let media: Map<string, Media>;
const emulators = new Map<string, Emulator>();
before(async () => {
  media = await encodeSorts();
  const cameras = SORTS.map((name) => ({ name, source: media.get(name)!, historySeconds: 120, producerSkewMs: 777 }));
  for (const ranges of RANGES) {
    emulators.set(ranges, await startEmulator({ ffmpeg: FFMPEG, cameras, switches: { ranges } }));
    emulators.set(`${ranges}, short sessions`, await startEmulator({ ffmpeg: FFMPEG, cameras, switches: { ranges }, sessionSeconds: 3 }));
  }
});
after(() => Promise.all([...emulators.values()].map((emulator) => emulator.close())));

interface Run {
  readonly frames: Frame[];
  readonly events: SourceEvent[];
  /** Of this source's own sessions. */
  readonly emulator: Emulator;
  readonly camera: Camera;
}

async function read(at: string, options: KvsHlsFrameSourceOptions & { streamName: string }, lengthMs = Infinity): Promise<Run> {
  const emulator = emulators.get(at)!;
  const run: Run = { frames: [], events: [], emulator, camera: emulator.cameras.get(options.streamName)! };
  await using source = openSource(emulator.url, { pixelFormat: "gray8", ...options, onEvent: (event) => run.events.push(event), signal: AbortSignal.timeout(120_000) });
  for await (const frame of source) if (run.frames.push(frame) > 1 && frame.capturedAt - run.frames[0]!.capturedAt >= lengthMs) break;
  return run;
}

const factsOf = ({ fragment, index, capturedAt }: Pick<Frame, "fragment" | "index" | "capturedAt">): string => `${fragment}/${index} at ${capturedAt}`;

function checkPictures({ frames, camera }: Run): void {
  for (const { data, width, height, fragment, index, keyframe } of frames) {
    const truth = camera.truth(fragment)!.frames[index]!;
    assert.equal(readCounter(data, width, height, 1), truth.counter, "the picture is another one");
    assert.equal(keyframe, truth.keyframe);
  }
}

/** Times are whole milliseconds, of ticks rounded too: at three a second 1333 begins the one of 1333.3. */
const tickOf = (time: number, fps: number): number => Math.floor(((time + 0.5) * fps) / 1000);
const troubles = ({ events }: Run): string[] => events.map(({ type }) => type).filter((type) => ["gap", "readError", "reconnect", "repeat"].includes(type));
const skippedOf = ({ events }: Run): string[] => events.flatMap((event) => (event.type === "skipped" ? [event.number] : []));
const askedOf = (journal: readonly JournalEntry[]): string[] => journal.flatMap(({ fragment }) => fragment ?? []);

describe("sampled", { concurrency: 4 }, () => {
  for (const ranges of RANGES) {
    for (const { sampling, targetFps, keysOnly } of MODES) {
      const options = { sampling, ...(targetFps === undefined ? {} : { targetFps }) };
      describe(`${sampling}${targetFps === undefined ? "" : ` at ${targetFps} a second`}, ranges ${ranges}: the right pictures, each once, in order, with its time`, { concurrency: true }, () => {
        for (const name of SORTS) {
          test(`of the archive of ${name}`, async () => {
            const start = Date.now() - 80_321;
            const run = await read(ranges, { streamName: name, ...options, start, end: start + ARCHIVE_MS });
            const expected = expectedOf(run.camera, { fromMs: start, toMs: start + ARCHIVE_MS, fps: targetFps, keysOnly });
            assert.deepEqual(run.frames.map(factsOf), expected.map(factsOf));
            checkPictures(run);
            assert.deepEqual(troubles(run), []);
          });

          test(`of ${name}, live, from session to session`, async () => {
            const run = await read(`${ranges}, short sessions`, { streamName: name, ...options }, LIVE_MS);
            const [first, last] = [run.frames[0]!, run.frames.at(-1)!];
            // Whoever joins in the middle of a sparse tick has a picture at once, which need not be the first after it.
            const expected = expectedOf(run.camera, { fromMs: first.capturedAt + 1, toMs: last.capturedAt + 1, fps: targetFps, keysOnly });
            const isOfSameTick = targetFps !== undefined && tickOf(expected[0]?.capturedAt ?? 0, targetFps) === tickOf(first.capturedAt, targetFps);
            assert.deepEqual(run.frames.slice(1).map(factsOf), (isOfSameTick ? expected.slice(1) : expected).map(factsOf));
            checkPictures(run);
            assert.deepEqual(troubles(run), []);
            assert.ok(run.events.some((event) => event.type === "session" && event.reason !== "start"), "a session ended on the way");
          });
        }
      });
    }
  }
});

test("no request of a session came faster than the service allows", () => {
  for (const { journal } of emulators.values()) {
    const ofSessions = journal.filter(({ sessionIndex }) => sessionIndex !== undefined);
    assert.ok(ofSessions.length > 100);
    // Camera, service and reader share one process here: what a busy machine holds up arrives at once.
    const refused = ofSessions.filter(({ status }) => ![200, 206, 403].includes(status));
    assert.ok(refused.length <= ofSessions.length / 100, `${refused.length} of ${ofSessions.length} refused`);
  }
});

describe("what is not needed is not asked for", { concurrency: true }, () => {
  const FRAGMENT_MS = 2000;
  async function readAlone(ranges: "honoured" | "ignored", options: Omit<KvsHlsFrameSourceOptions, "streamName">, lengthMs: number, linkMbps?: number): Promise<Run> {
    const source = { kind: "testsrc", size: { width: 320, height: 180 }, fps: "20", fragmentSeconds: FRAGMENT_MS / 1000, loopSeconds: 6 } as const;
    const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [{ name: "alone", source, historySeconds: 120 }], switches: { ranges }, linkMbps });
    try {
      const key = `alone ${Math.random()}`;
      emulators.set(key, emulator);
      return await read(key, { streamName: "alone", ...options }, lengthMs);
    } finally {
      await emulator.close();
    }
  }
  const bytesOf = ({ emulator: { journal } }: Run): number => journal.filter(({ fragment }) => fragment !== undefined).reduce((sum, { bytes }) => sum + bytes, 0);
  const totalOf = ({ events }: Run): number => events.reduce((sum, event) => sum + (event.type === "fragment" ? event.totalBytes : 0), 0);

  test("key pictures are less than a fifth of the bytes where ranges are honoured, live and of the archive", async () => {
    const start = Date.now() - 60_000;
    for (const [options, lengthMs] of [[{}, 6000], [{ start, end: start + 40_000 }, Infinity]] as const) {
      const run = await readAlone("honoured", { sampling: "keyframe", ...options }, lengthMs);
      assert.ok(run.frames.length >= 3);
      assert.ok(bytesOf(run) < totalOf(run) / 5, `${bytesOf(run)} of ${totalOf(run)} bytes`);
      assert.ok(run.emulator.journal.every(({ fragment, status }) => fragment === undefined || status === 206));
    }
  });

  for (const ranges of RANGES) {
    for (const sampling of ["exact", "keyframe", "auto"] as const) {
      test(`fragments without a tick get no request, live, ${sampling}, ranges ${ranges}`, async () => {
        const run = await readAlone(ranges, { sampling, targetFps: 0.25 }, 8000);
        // Where ticks fall together with the borders of fragments, those on both sides are looked at.
        const phase = run.camera.fragments(Date.now() - 20_000, Date.now(), "producer")[0]!.startMs.producer % FRAGMENT_MS;
        const isOnBorder = Math.min(phase, FRAGMENT_MS - phase) < 5;
        assert.ok(skippedOf(run).length >= 2 || isOnBorder, `${skippedOf(run).length} skipped, phase ${phase} ms`);
        assert.deepEqual(askedOf(run.emulator.journal).filter((number) => skippedOf(run).includes(number)), []);
        assert.deepEqual(troubles(run), []);
      });

      test(`fragments without a tick get no request of the archive, ${sampling}, ranges ${ranges}`, async () => {
        const start = Date.now() - 100_000;
        const run = await readAlone(ranges, { sampling, targetFps: 0.1, start, end: start + 80_000 }, Infinity);
        // Two of five are read at most: a tick may lie between the last picture of one and the first of the next.
        assert.ok(skippedOf(run).length >= 20, `${skippedOf(run).length} skipped`);
        assert.deepEqual(askedOf(run.emulator.journal).filter((number) => skippedOf(run).includes(number)), []);
        assert.deepEqual(run.frames.length, expectedOf(run.camera, { fromMs: start, toMs: start + 80_000, fps: 0.1, keysOnly: sampling !== "exact" }).length);
      });
    }
  }
});
