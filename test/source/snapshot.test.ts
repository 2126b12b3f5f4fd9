import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test } from "node:test";
import { KVSConnectionError } from "../../src/core/errors.js";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import type { SourceEvent } from "../../src/index.js";
import { childrenRunning } from "../helpers/children.js";
import { Emulated } from "../helpers/emulated.js";
import { seeded } from "../helpers/random.js";
import { Snapshots } from "../helpers/snapshots.js";

/** More of them: SNAPSHOTS=100. The same moments again: SEED=17. */
const SNAPSHOTS = Number(process.env.SNAPSHOTS ?? 20);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
const SECOND_MS = 1000;

/** Numbers of the fragments of "hurt" that were served broken. */
const broken = new Set<string>();
let refusals = 0;
const onRequest: RequestHook = ({ operation, streamName = "", fragment = "" }) => {
  if (operation !== "GetMP4MediaFragment") return undefined;
  if (streamName === "hurt" && (broken.size < 2 || broken.has(fragment))) {
    broken.add(fragment);
    return { body: (bytes) => bytes.subarray(0, bytes.length / 2) };
  }
  if (streamName === "bumped" && refusals++ === 0) return { status: 403, body: "the token is expired" };
  return streamName === "lost" ? { status: 404, body: "gone" } : undefined;
};

const emulated = new Emulated({
  onRequest,
  cameras: [
    ...["", ",bframes=2", ",bframes=2,codec=h265", ",vfr"].map((variant, i) => `live${i}=testsrc,size=192x108,fps=15,fragment=1,loop=4${variant}`),
    ...["off", "stale", "hurt", "skewed", "bumped"].map((name) => `${name}=testsrc,size=192x108,fps=10,fragment=2,loop=4,history=7200${name === "skewed" ? ",skew=3600000" : ""}`),
    "lost=testsrc,size=192x108,fragment=2,loop=4,history=7",
    "empty=testsrc,size=192x108,fragment=1,loop=4,history=0",
  ].map(parseCamera),
});

const snapshots = new Snapshots(emulated);

const ago = (seconds: number): number => Date.now() - seconds * SECOND_MS;
const isNoMedia = (message: RegExp) => (error: unknown): boolean => {
  assert.ok(error instanceof KVSConnectionError && error.code === "NO_MEDIA", String(error));
  assert.match(error.message, message);
  return true;
};

test(`${SNAPSHOTS} snapshots at random moments: each the last picture of a fragment no older than the newest listed at the start`, async (context) => {
  const random = seeded(SEED);
  const ages: number[] = [];
  for (let taken = 0; taken < SNAPSHOTS; taken++) {
    const name = `live${taken % 4}`;
    await sleep(random(700));
    const camera = emulated.camera(name);
    const [newest] = camera.recent(1);
    const { frame, source } = await snapshots.take(name);
    const told = `SEED=${SEED}, snapshot ${taken} of ${name}`;
    snapshots.assertTrue(name, { frame, source });
    assert.equal(source, "live");
    const fragment = camera.truth(frame.fragment);
    assert.equal(frame.index, fragment!.frames.length - 1, `the last of its fragment; ${told}`);
    assert.ok(BigInt(frame.fragment) >= BigInt(newest!.number), `${frame.fragment} is older than ${newest!.number}; ${told}`);
    ages.push(Date.now() - frame.capturedAt);
  }
  context.diagnostic(`SEED=${SEED}: ages from ${Math.min(...ages)} to ${Math.max(...ages)} ms`);
});

describe("a snapshot", { concurrency: true }, () => {
  test("takes one session, one fragment, and decodes once", async () => {
    const events: SourceEvent[] = [];
    const { frame } = await snapshots.take("skewed", { onEvent: (event) => events.push(event) });
    assert.deepEqual(events.map(({ type }) => type), ["session", "fragment", "decoder", "frame"]);
    assert.deepEqual(emulated.emulator.journal.filter(({ streamName }) => streamName === "skewed").map(({ operation }) => operation).sort(), [
      "GetDataEndpoint", "GetHLSMasterPlaylist", "GetHLSMediaPlaylist", "GetHLSStreamingSessionURL", "GetMP4InitFragment", "GetMP4MediaFragment",
    ]);
    snapshots.assertTrue("skewed", { frame, source: "live" });
  });

  test("decodes no picture that none leans on", async () => {
    for (const name of ["live1", "live2"]) {
      let [decoded, frames] = [0, 0];
      const taken = await snapshots.take(name, { onEvent: (event) => event.type === "fragment" && ([decoded, frames] = [event.decoded, event.frames]) });
      snapshots.assertTrue(name, taken);
      assert.ok(decoded > 0 && decoded <= frames * 0.75, `${decoded} of ${frames} of ${name}`);
    }
  });

  test("of a stream whose newest fragments are damaged is of the newest whole one", async () => {
    const errors: string[] = [];
    const taken = await snapshots.take("hurt", { onEvent: (event) => event.type === "readError" && errors.push(event.error.code) });
    snapshots.assertTrue("hurt", taken);
    const age = (Date.now() - taken.frame.capturedAt) / SECOND_MS;
    assert.equal(broken.size, 2);
    assert.ok(age > 4 && age < 9, `${age} s`);
    assert.deepEqual(errors, ["MALFORMED_MEDIA", "MALFORMED_MEDIA"]);
  });

  test("whose session is ended by newer ones goes on with another, live and stored", async () => {
    for (const at of [undefined, ago(100)]) {
      refusals = 0;
      const reasons: string[] = [];
      const taken = await snapshots.take("bumped", { at, onEvent: (event) => event.type === "session" && reasons.push(event.reason) });
      snapshots.assertTrue("bumped", taken);
      assert.deepEqual(reasons, at === undefined ? ["start", "expired"] : ["archive", "archive"]);
    }
  });

  test("of which no fragment can be had ends with the last one's error", async () => {
    emulated.camera("lost").goOffline(Date.now(), Infinity);
    await assert.rejects(snapshots.take("lost"), { name: "HLSStreamError", code: "HTTP_STATUS" });
    const asked = emulated.emulator.journal.filter(({ streamName, fragment }) => streamName === "lost" && fragment !== undefined);
    assert.equal(new Set(asked.map(({ fragment }) => fragment)).size, emulated.camera("lost").recent(10).length);
  });

  test("of a camera that is offline is no media, or the last picture stored", async () => {
    emulated.camera("off").goOffline(ago(1900), Infinity);
    await assert.rejects(snapshots.take("off"), isNoMedia(/its camera sent nothing in the last 30 s/));
    const taken = await snapshots.take("off", { fallback: "archive" });
    snapshots.assertTrue("off", taken);
    assert.equal(taken.source, "archive");
    const last = emulated.camera("off").recent(1)[0]!;
    assert.deepEqual([taken.frame.fragment, taken.frame.index], [last.number, 19]);
  });

  test("of a camera that never sent anything is no media, with the archive too", async () => {
    emulated.camera("empty").goOffline(0, Infinity);
    await assert.rejects(snapshots.take("empty", { fallback: "archive" }), isNoMedia(/nothing is stored/));
  });

  test("that is too old is refused with its age, or comes from the archive", async () => {
    emulated.camera("stale").goOffline(ago(10), Infinity);
    await assert.rejects(snapshots.take("stale", { maxAge: 5 }), isNoMedia(/^the newest picture is 1\d\.\d s old, of 20.*Z, wanted 5 s at most; check that the camera/));
    const taken = await snapshots.take("stale", { maxAge: 5, fallback: "archive" });
    assert.equal(taken.source, "archive");
    snapshots.assertTrue("stale", taken);
    assert.equal((await snapshots.take("stale")).frame.capturedAt, taken.frame.capturedAt);
  });
});

test("a snapshot leaves nothing running, however it ends", async () => {
  const reason = new Error("enough");
  const controller = new AbortController();
  const aborted = snapshots.take("live1", { signal: controller.signal, onEvent: ({ type }) => type === "decoder" && controller.abort(reason) });
  await assert.rejects(aborted, (error) => error === reason);
  await assert.rejects(snapshots.take("live1", { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await snapshots.take("live1");
  assert.deepEqual(childrenRunning(), []);
});
