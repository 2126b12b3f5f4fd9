import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import type { SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

type GapEvent = Extract<SourceEvent, { type: "gap" }>;

const FRAGMENT_MS = 1000;
const cut = new Set<string>();
const taken: string[] = [];
const emulated = new Emulated({
  cameras: [parseCamera("front=testsrc,size=160x90,fps=15,fragment=1,loop=4")],
  limits: false,
  onRequest: ({ path, query }) => {
    const number = query.get("FragmentNumber");
    if (!path.endsWith("getMP4MediaFragment.mp4") || number === null) return undefined;
    if (!taken.includes(number)) taken.push(number);
    if (taken.indexOf(number) % 3 !== 1) return undefined; // the second, the fifth, …
    cut.add(number);
    return { body: (real) => real.subarray(0, real.length / 2) };
  },
});

test("a fragment that comes cut costs itself only, and its gap is told between the frames around it", async () => {
  const order: (number | GapEvent)[] = [];
  const onEvent = (event: SourceEvent): void => {
    if (event.type === "gap") order.push(event);
  };
  await using source = openSource(emulated.emulator.url, { streamName: "front", pixelFormat: "gray8", onEvent });
  for await (const { capturedAt } of source) {
    order.push(capturedAt);
    await sleep(90); // slower than the camera, so that fragments are fetched while frames before them are yet to come
    if (order.filter((entry) => typeof entry === "object").length === 3) break;
  }
  const gaps = order.filter((entry) => typeof entry === "object");
  const truths = [...cut].map((number) => emulated.camera("front").truth(number)!.startMs.producer);
  assert.deepEqual(gaps.map(({ fromMs, toMs, cause }) => [fromMs, toMs, cause]), truths.slice(0, 3).map((start) => [start, start + FRAGMENT_MS, "corrupt"]));
  for (const gap of gaps) {
    const at = order.indexOf(gap);
    const [before, after] = [order[at - 1], order[at + 1]] as [number, number];
    assert.ok(before < gap.fromMs && gap.fromMs - before < 100, `told ${gap.fromMs - before} ms after the frame before`);
    assert.ok(after >= gap.toMs && after - gap.toMs < 100, `told ${after - gap.toMs} ms before the frame after`);
  }
});
