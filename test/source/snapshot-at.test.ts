import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { KVSConnectionError, OptionError } from "../../src/core/errors.js";
import { parseCamera, type FragmentTruth, type RequestHook } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { seeded } from "../helpers/random.js";
import { Snapshots } from "../helpers/snapshots.js";

/** More of them: INSTANTS=200. The same again: SEED=17. */
const INSTANTS = Number(process.env.INSTANTS ?? 30);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
const SECOND_MS = 1000;
const HOUR_MS = 3_600_000;

const ARCHIVE = "size=192x108,loop=12,history=3700";
const cameras = ["fragment=2", "bframes=2,fragment=3", "bframes=3,codec=h265,fragment=2", "vfr,fragment=2", "vfr,bframes=2,fragment=4", "fps=29.97,bframes=2,fragment=1.5", "fps=1,fragment=10,skew=7000"];
/** The caller of this stream may not list its fragments. */
const onRequest: RequestHook = ({ operation, streamName }) =>
  operation === "ListFragments" && streamName === "secret" ? { status: 403, headers: { "x-amzn-ErrorType": "AccessDeniedException" }, body: "{}" } : undefined;

const emulated = new Emulated({
  onRequest,
  limits: false,
  cameras: [
    ...cameras.map((variant, i) => `cam${i}=testsrc,${variant},${ARCHIVE}`),
    `gappy=testsrc,fps=10,fragment=2,${ARCHIVE}`,
    `secret=testsrc,fps=10,fragment=2,${ARCHIVE}`,
    "old=testsrc,size=192x108,fps=10,fragment=2,loop=12,history=7200,retention=1",
    "ended=testsrc,size=192x108,fps=10,fragment=2,loop=12,history=600",
    "resent=testsrc,size=192x108,fps=10,fragment=2,loop=12,history=600",
  ].map(parseCamera),
});
const snapshots = new Snapshots(emulated);

const ago = (seconds: number): number => Date.now() - seconds * SECOND_MS;
const iso = (time: number): string => new Date(time).toISOString();

type Clock = "producer" | "server";
/** As the service tells it: whole milliseconds of the fragment's start, and the picture's offset from there. */
const timeOf = ({ startMs, frames }: FragmentTruth, index: number, clock: Clock = "producer"): number =>
  Math.round(startMs[clock] + frames.at(index)!.producerMs - frames[0]!.producerMs);

/** The frame that a camera showed at an instant. */
function shown(camera: string, at: number, clock: Clock = "producer"): { readonly capturedAt: number; readonly index: number } {
  const fragments = emulated.camera(camera).fragments(at - 30 * SECOND_MS, at, clock);
  const frames = fragments.flatMap((fragment) => fragment.frames.map(({ index }) => ({ capturedAt: timeOf(fragment, index, clock), index })));
  const last = frames.filter(({ capturedAt }) => capturedAt <= at).sort((a, b) => a.capturedAt - b.capturedAt).at(-1);
  assert.ok(last);
  return last;
}

describe(`${INSTANTS} random instants of an hour`, { concurrency: 3 }, () => {
  const random = seeded(SEED);
  const startedAt = Date.now();
  for (let i = 0; i < INSTANTS; i++) {
    const camera = `cam${i % cameras.length}`;
    const clock = random(2) === 0 ? "producer" : "server";
    const at = startedAt - 15 * SECOND_MS - random(HOUR_MS);
    test(`${camera} (${cameras[i % cameras.length]}) at ${startedAt - at} ms before the start, on the ${clock} clock, SEED=${SEED}`, async () => {
      const taken = await snapshots.take(camera, { at, clock });
      const expected = shown(camera, at, clock);
      snapshots.assertTrue(camera, taken);
      const { capturedAt, index } = taken.frame;
      assert.deepEqual([capturedAt, index, taken.source], [expected.capturedAt, expected.index, "archive"]);
    });
  }
});

describe("an instant", { concurrency: 3 }, () => {
  test("on a frame's own time gives that frame, and a millisecond before it the one before", async () => {
    const fragment = emulated.camera("cam1").fragments(ago(900), ago(890), "producer")[0]!;
    for (const index of [0, 1, 2, fragment.frames.length - 1]) {
      const time = timeOf(fragment, index);
      assert.equal((await snapshots.take("cam1", { at: time })).frame.capturedAt, time);
      const before = await snapshots.take("cam1", { at: time - 1 });
      assert.equal(before.frame.capturedAt, shown("cam1", time - 1).capturedAt);
    }
  });

  test("is read without more than its session, its fragment and what the picture leans on", async () => {
    const sizes: number[] = [];
    const from = emulated.emulator.journal.length;
    await snapshots.take("cam2", { at: ago(333), onEvent: (event) => event.type === "fragment" && sizes.push(event.frames) });
    assert.equal(sizes.length, 1);
    const asked = emulated.emulator.journal.slice(from).filter(({ streamName, operation }) => streamName === "cam2" && operation === "GetMP4MediaFragment");
    assert.equal(asked.length, 1);
  });

  test("that is shown twice, by footage sent again, is the first one's", async () => {
    const camera = emulated.camera("resent");
    camera.resend(Date.now() - 100 * SECOND_MS, Date.now() - 300 * SECOND_MS, Date.now() - 280 * SECOND_MS);
    const at = ago(290);
    const { frame } = await snapshots.take("resent", { at });
    assert.equal(frame.capturedAt, shown("resent", at).capturedAt);
  });

  for (const [what, fromMs, toMs, at] of [
    ["a short gap", 500, 490, 495],
    ["a gap of many minutes", 3000, 1200, 2000],
    ["a gap that begins", 800, 790, 799],
  ] as const) {
    test(`in ${what} is no media, with the nearest stored times`, async () => {
      const camera = emulated.camera("gappy");
      camera.goOffline(ago(fromMs), ago(toMs));
      const [from, to] = [camera.fragments(ago(fromMs + 60), ago(at), "producer").at(-1)!, camera.fragments(ago(at), ago(toMs - 60), "producer")[0]!];
      const [before, after] = [timeOf(from, -1), timeOf(to, 0)];
      const instant = Math.round((before + after) / 2);
      const message = `nothing is stored of ${iso(instant)} (producer clock); the nearest stored pictures are of ${iso(before)} and ${iso(after)}`;
      await assert.rejects(snapshots.take("gappy", { at: instant }), (error) => {
        assert.ok(error instanceof KVSConnectionError && error.code === "NO_MEDIA");
        assert.equal(error.message, message);
        return true;
      });
    });
  }

  for (const clock of ["producer", "server"] as const) {
    test(`outside the retention is no media, with the first stored time, on the ${clock} clock`, async () => {
      const at = ago(5000);
      await assert.rejects(snapshots.take("old", { at, clock }), (error) => {
        assert.ok(error instanceof KVSConnectionError && error.code === "NO_MEDIA", String(error));
        const first = new RegExp(`^nothing is stored of ${iso(at)} \\(${clock} clock\\); the nearest stored picture is of (.*Z)$`).exec(error.message)?.[1];
        assert.ok(first, error.message);
        assert.ok(Math.abs(Date.parse(first) - ago(3600)) < 15 * SECOND_MS, first);
        return true;
      });
    });
  }

  test("after the last picture, and long before the stream began, name what there is", async () => {
    const camera = emulated.camera("gappy");
    await assert.rejects(snapshots.take("gappy", { at: Date.UTC(2001) }), (error) => {
      const [first] = camera.fragments(0, Date.now(), "producer");
      assert.equal((error as Error).message, `nothing is stored of 2001-01-01T00:00:00.000Z (producer clock); the nearest stored picture is of ${iso(timeOf(first!, 0))}`);
      return true;
    });
    emulated.camera("ended").goOffline(ago(60), Infinity);
    const [last] = emulated.camera("ended").recent(1);
    const times = emulated.camera("ended").truth(last!.number)!;
    await assert.rejects(snapshots.take("ended", { at: ago(1) }), new RegExp(`the nearest stored picture is of ${iso(timeOf(times, -1))}$`));
  });

  test("of which nothing is stored is told also to those who may not list", async () => {
    emulated.camera("secret").goOffline(ago(500), ago(480));
    await assert.rejects(snapshots.take("secret", { at: ago(490) }), (error) => error instanceof KVSConnectionError && error.code === "NO_MEDIA" && /^nothing is stored of .*Z \(producer clock\)$/.test(error.message));
  });

  test("in the future is refused", async () => {
    await assert.rejects(snapshots.take("cam0", { at: Date.now() + 60_000 }), (error) => error instanceof OptionError && error.option === "at" && error.message.startsWith("at must not be in the future, got 20"));
  });
});
