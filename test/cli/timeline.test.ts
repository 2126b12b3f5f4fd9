import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { parseCamera, type FragmentTruth } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { kvsFrames } from "../helpers/kvs-frames.js";
import { missingOf, type Span } from "../helpers/stored.js";

const SMALL = "testsrc,size=64x48,loop=20,history=7200";
const CAMERAS = {
  plain: `${SMALL},fps=30,fragment=2`,
  reordered: `${SMALL},fps=12.5,fragment=2,bframes=2`,
  variable: `${SMALL},vfr,fragment=1`,
  slow: `${SMALL},fps=1,fragment=4`,
  long: `${SMALL},fps=5,fragment=10`,
  single: `${SMALL},fps=0.5,fragment=2`,
  ahead: `${SMALL},fps=10,fragment=2,skew=90000`,
  behind: `${SMALL},fps=10,fragment=2,skew=-3600500`,
  forgetful: `${SMALL},fps=10,fragment=2,retention=1`,
};
const emulated = new Emulated({ cameras: Object.entries(CAMERAS).map(([name, source]) => parseCamera(`${name}=${source}`)), limits: false });

/** Outages of true time, minutes ago; the last one is of a single fragment or two. */
const OUTAGES_MIN = [[100, 90], [75, 74.5], [50, 49.4], [30, 29.75], [20, 12], [5, 4.93]] as const;
const MINUTE_MS = 60_000;
const TOLERANCE_MS = 50;

interface Timeline {
  readonly camera: string;
  readonly clock: string;
  readonly from: string;
  readonly to: string;
  readonly totals: { readonly fragments: number; readonly bytes: number; readonly coveredMs: number; readonly share: number; readonly gaps: number; readonly longestGapMs: number };
  readonly stretches: readonly { readonly from: string; readonly to: string; readonly fragments: number }[];
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly durationMs: number }[];
}

const timeline = (name: string, ...flags: string[]) => kvsFrames(["timeline", "--endpoint-url", emulated.emulator.url, "--stream-name", name, ...flags]);

async function read(name: string, ...flags: string[]): Promise<Timeline> {
  const { code, stdout, stderr } = await timeline(name, "--json", ...flags);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  return JSON.parse(stdout.toString()) as Timeline;
}

const spansOf = (spans: readonly { readonly from: string; readonly to: string }[]): Span[] => spans.map(({ from, to }) => ({ fromMs: Date.parse(from), toMs: Date.parse(to) }));

/** @returns the largest difference of an end, milliseconds */
function largestDifference(actual: readonly Span[], expected: readonly Span[], what: string): number {
  assert.equal(actual.length, expected.length, `${what}: ${JSON.stringify(actual)}, wanted ${JSON.stringify(expected)}`);
  return Math.max(0, ...actual.flatMap(({ fromMs, toMs }, at) => [Math.abs(fromMs - expected[at]!.fromMs), Math.abs(toMs - expected[at]!.toMs)]));
}

describe("timeline", { concurrency: 2, timeout: 300_000 }, () => {
  before(() => {
    for (const camera of emulated.emulator.cameras.values()) {
      for (const [from, to] of OUTAGES_MIN) camera.goOffline(emulatedAt(camera.createdAt, from), emulatedAt(camera.createdAt, to));
    }
  });

  for (const name of Object.keys(CAMERAS)) {
    for (const clock of ["producer", "server"] as const) {
      test(`of the ${name} camera on the ${clock} clock has the camera's gaps, to ${TOLERANCE_MS} ms`, async (context) => {
        const camera = emulated.camera(name);
        const now = Math.round(Date.now());
        // Its own times are all that much later.
        const skewMs = clock === "server" ? 0 : ({ ahead: 90_000, behind: -3_600_500 }[name] ?? 0);
        const range = { fromMs: camera.createdAt + 3 * MINUTE_MS + skewMs, toMs: now - MINUTE_MS + Math.min(0, skewMs) };
        const truthBefore = missingOf(camera, range, clock);
        const count = (): number => reaching(camera.fragments(range.fromMs - 20_000, range.toMs - 1, clock), range, clock);
        const countBefore = count();
        const seen = await read(name, "--clock", clock, "--start", String(range.fromMs), "--end", String(range.toMs));
        const truth = missingOf(camera, range, clock);
        const gaps = spansOf(seen.gaps);
        // What is thrown away meanwhile is stored or not.
        const edge = gaps[0]!.toMs;
        const isMoving = truth[0]!.toMs > truthBefore[0]!.toMs;
        if (isMoving) assert.ok(edge >= truthBefore[0]!.toMs - TOLERANCE_MS && edge <= truth[0]!.toMs + TOLERANCE_MS, `${edge}`);
        const wanted = isMoving ? [{ ...truth[0]!, toMs: edge }, ...truth.slice(1)] : truth;
        const difference = largestDifference(gaps, wanted, name);
        context.diagnostic(`${name}, ${clock} clock: ${gaps.length} gaps, ${difference.toFixed(1)} ms off at most`);
        assert.ok(difference <= TOLERANCE_MS, `${difference} ms`);
        assert.ok(gaps.length >= (name === "forgetful" ? 4 : 5));
        const lengthMs = Date.parse(seen.to) - Date.parse(seen.from);
        const missingMs = gaps.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
        assert.ok(Math.abs(seen.totals.coveredMs - (lengthMs - missingMs)) <= TOLERANCE_MS * gaps.length);
        assert.ok(Math.abs(seen.totals.share - seen.totals.coveredMs / lengthMs) < 1e-5);
        assert.equal(seen.totals.longestGapMs, Math.max(...seen.gaps.map(({ durationMs }) => durationMs)));
        // What the service throws away meanwhile was listed or not.
        assert.ok(seen.totals.fragments <= countBefore && seen.totals.fragments >= count(), `${seen.totals.fragments} of ${countBefore} to ${count()}`);
      });
    }
  }

  test("up to now ends with the newest fragment, also by a clock that is behind, and tells no gap there", async () => {
    for (const name of ["plain", "behind"]) {
      const seen = await read(name, "--start", "-90m");
      const newest = spansOf(seen.stretches).at(-1)!;
      assert.equal(newest.toMs, Date.parse(seen.to));
      assert.ok(spansOf(seen.gaps).every(({ toMs }) => toMs < newest.toMs));
    }
  });

  test("gaps below --min-gap are none", async () => {
    const all = await read("plain", "--start", "-110m", "--end", "-2m");
    const long = await read("plain", "--start", "-110m", "--end", "-2m", "--min-gap", "1m");
    assert.deepEqual(long.gaps.map(({ durationMs }) => durationMs > 60_000), long.gaps.map(() => true));
    assert.ok(long.gaps.length > 0 && long.gaps.length < all.gaps.length);
  });

  test("of a time without media ends with 69 and names what is stored around it", async () => {
    const { code, stdout, stderr } = await timeline("plain", "--start", "-100m", "--end", "-95m");
    assert.equal(code, 69, stderr);
    assert.equal(stdout.length, 0);
    const [, last, first] = /^kvs-frames: nothing is stored from .* to .* \(producer clock\): the last before it is of (\S+), the first after it is of (\S+)$/m.exec(stderr) ?? [];
    const camera = emulated.camera("plain");
    const [from, to] = [Date.parse(last!), Date.parse(first!)];
    assert.deepEqual(camera.fragments(from, to, "producer").map(({ startMs }) => startMs.producer), [from, to]);
    assert.ok(Math.abs(from - emulatedAt(camera.createdAt, 100)) < 5000 && Math.abs(to - emulatedAt(camera.createdAt, 90)) < 5000);
  });

  test("of a stream that the caller may not touch ends with 77 and names the permission", async () => {
    const { description } = emulated.camera("single");
    description.isAuthorized = false;
    const { code, stderr } = await timeline("single");
    description.isAuthorized = true;
    assert.equal(code, 77);
    assert.match(stderr, /kinesisvideo:ListFragments/);
  });

  const BAD: readonly (readonly [string[], number, RegExp])[] = [
    [["--start", "-1h", "--end", "-2h"], 64, /^kvs-frames: --end must be after start/m],
    [["--end", "+1h"], 64, /^kvs-frames: --end must not be in the future/m],
    [["--min-gap", "some"], 64, /^kvs-frames: --min-gap must be a time such as/m],
    [["--sheet-rows", "0"], 64, /^kvs-frames: --sheet-rows must be a whole number from 1 to 20, got "0"$/m],
  ];
  test("a stream that does not exist ends with 66", async () => {
    const { code, stderr } = await timeline("nobody");
    assert.equal(code, 66, stderr);
    assert.match(stderr, /"nobody"/);
  });
  for (const [flags, exitCode, expected] of BAD) {
    test(`${flags.join(" ")} ends with ${exitCode}`, async () => {
      const { code, stderr } = await timeline("plain", ...flags);
      assert.equal(code, exitCode, stderr);
      assert.match(stderr, expected);
    });
  }
});

/** The cameras began two hours before the emulator did. */
const emulatedAt = (createdAt: number, minutesAgo: number): number => createdAt + (120 - minutesAgo) * MINUTE_MS;

/** How many fragments lie in a range, wholly or in part. */
const reaching = (fragments: readonly FragmentTruth[], { fromMs, toMs }: Span, clock: "producer" | "server"): number =>
  fragments.filter(({ startMs, durationMs }) => startMs[clock] + durationMs > fromMs && startMs[clock] < toMs).length;
