import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import type { FragmentRef } from "../../src/core/fragment.js";
import { LiveEdge } from "../../src/hls/live-edge.js";
import { seeded } from "../helpers/random.js";

interface Listed extends FragmentRef {
  /** When it appears in the list, milliseconds. */
  readonly listedAt: number;
}

/** @param lengths and lateness of fragment after fragment, milliseconds */
function camera(count: number, lengths: (place: number) => number, lateness: (place: number) => number): Listed[] {
  const fragments: Listed[] = [];
  let [startMs, listedAt] = [10_000, 0];
  for (let place = 0; place < count; place++) {
    const length = lengths(place);
    listedAt = Math.max(startMs + length + lateness(place), listedAt);
    fragments.push({ number: String(1000 + place), startMs, durationMs: Math.round(length), listedAt });
    startMs += length;
  }
  return fragments;
}

interface Polled {
  /** From being listed to being seen, milliseconds. */
  readonly delays: readonly number[];
  readonly loadsPerFragment: number;
  readonly mostInASecond: number;
}

/** Follows a camera in a time of its own: no clock, no waiting. */
function poll(fragments: readonly Listed[], random: () => number, isLeisurely = false): Polled {
  let now = fragments[0]!.listedAt + 700;
  const edge = new LiveEdge(isLeisurely, () => now);
  const loads: number[] = [];
  const delays: number[] = [];
  for (let seen = 0; seen < fragments.length; ) {
    loads.push(now);
    now += 5 + 10 * random();
    const listed = fragments.filter(({ listedAt }) => listedAt <= now);
    now += 5 + 10 * random();
    edge.note(listed.slice(-5));
    const fresh = listed.slice(seen);
    if (seen > 0) delays.push(...fresh.map(({ listedAt }) => now - listedAt));
    seen = listed.length;
    if (fresh.length > 0) now += Math.min(250, fresh[0]!.durationMs / 4); // to fetch and to decode it
    now += edge.reloadDelay();
  }
  const most = loads.map((from) => loads.filter((at) => at >= from && at - from < 1000).length);
  return { delays: delays.sort((a, b) => a - b), loadsPerFragment: loads.length / fragments.length, mostInASecond: Math.max(...most) };
}

const COUNT = 400;
/** Median and ninety-fifth of a hundred: how late a fragment may be seen, the 20 ms of the load included; loads for each. */
type Limits = readonly [median: number, p95: number, loads: number];

const CAMERAS: Readonly<Record<string, readonly [(random: () => number) => Listed[], Limits]>> = {
  "regular to the millisecond": [() => camera(COUNT, () => 2000, () => 0), [40, 75, 2]],
  "give or take 30 ms": [(random) => camera(COUNT, () => 2000, () => 60 * (random() - 0.5)), [45, 95, 2]],
  "give or take 70 ms": [(random) => camera(COUNT, () => 2000, () => 140 * (random() - 0.5)), [60, 150, 2]],
  "of 1856.6 ms": [(random) => camera(COUNT, () => 1856.6, () => 40 * random()), [45, 95, 2]],
  "of half a second": [(random) => camera(COUNT, () => 500, () => 40 * random()), [45, 95, 2]],
  "of ten seconds": [(random) => camera(COUNT, () => 10_000, () => 40 * random()), [45, 95, 2]],
  "of twenty seconds": [(random) => camera(COUNT, () => 20_000, () => 40 * random()), [45, 95, 2]],
  "that is a picture longer now and then": [(random) => camera(COUNT, () => (random() < 0.3 ? 2033 : 2000), () => 30 * random()), [50, 130, 2]],
  "of which one fragment in ten is held up": [(random) => camera(COUNT, () => 2000, () => (random() < 0.1 ? 800 * random() : 30 * random())), [50, 600, 2]],
  "whose scenes cut fragments short": [(random) => camera(COUNT, () => (random() < 0.1 ? 300 + 1500 * random() : 2000), () => 30 * random()), [50, 1200, 2]],
  "of one to three seconds, as it likes": [(random) => camera(COUNT, () => 1000 + 2000 * random(), () => 30 * random()), [500, 1600, 3.5]],
  "silent for a minute every hundred fragments": [(random) => camera(COUNT, () => 2000, (place) => 60_000 * Math.floor(place / 100) + 30 * random()), [45, 110, 2.5]],
};

function check(context: TestContext, name: string, [median, p95, loads]: Limits, isLeisurely = false): void {
  const [make] = CAMERAS[name]!;
  const below = seeded(name.length);
  const random = (): number => below(1e6) / 1e6;
  const polled = poll(make(random), random, isLeisurely);
  const at = (share: number): number => Math.round(polled.delays[Math.floor(share * polled.delays.length)]!);
  const found = `seen after ${at(0.5)} ms (95 %: ${at(0.95)} ms), ${polled.loadsPerFragment.toFixed(2)} loads a fragment, up to ${polled.mostInASecond} a second`;
  context.diagnostic(found);
  assert.ok(at(0.5) <= median && at(0.95) <= p95 && polled.loadsPerFragment <= loads && polled.mostInASecond <= 4, found);
}

describe("a playlist is loaded when the next fragment is due: of a camera", () => {
  for (const [name, [, limits]] of Object.entries(CAMERAS)) test(name, (context) => check(context, name, limits));
});

/** The same, without hurry. */
const LEISURELY: Readonly<Record<string, Limits>> = {
  "regular to the millisecond": [75, 190, 1.15],
  "give or take 30 ms": [80, 270, 1.15],
  "of 1856.6 ms": [80, 270, 1.15],
  "of half a second": [80, 270, 1.15],
  "of twenty seconds": [80, 270, 1.25],
  "that is a picture longer now and then": [80, 270, 1.2],
  "of which one fragment in ten is held up": [150, 600, 1.35],
  "whose scenes cut fragments short": [90, 1200, 1.35],
  "of one to three seconds, as it likes": [300, 1600, 2.6],
  "silent for a minute every hundred fragments": [90, 850, 1.45],
};

describe("without hurry, a playlist is loaded once a fragment: of a camera", () => {
  for (const [name, limits] of Object.entries(LEISURELY)) test(name, (context) => check(context, name, limits, true));
});

test("a clock of the system that is set has no part in it", () => {
  let now = 0;
  const edge = new LiveEdge(false, () => now);
  const fragment = (place: number): FragmentRef => ({ number: String(place), startMs: 1e12 + 2000 * place, durationMs: 2000 });
  edge.note([fragment(1)]);
  now += 500;
  edge.note([fragment(1), fragment(2)]);
  assert.equal(edge.latestMs, 1e12 + 4000 + 2000);
  now += 300;
  assert.equal(edge.latestMs, 1e12 + 4300 + 2000);
});
