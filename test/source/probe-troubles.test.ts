import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { KVSConnectionError, OptionError } from "../../src/core/errors.js";
import { parseCamera } from "../../src/emulator/index.js";
import { judge, verdictOf } from "../../src/source/probe/findings.js";
import { brokenThresholds } from "../../src/source/probe/thresholds.js";
import { Emulated } from "../helpers/emulated.js";
import { assertNear, findingOf, probeCamera, troubles } from "../helpers/probing.js";

const SMALL = "testsrc,size=64x64,fps=10,loop=4";
const emulated = new Emulated({
  limits: false,
  cameras: [
    `healthy=${SMALL},history=300`, `late=${SMALL},latency=14000,history=300`, `gappy=${SMALL},history=400`, `ahead=${SMALL},skew=2400,history=300`, `behind=${SMALL},skew=-90000,history=300`,
    `stepped=${SMALL},history=300`, `offline=${SMALL},history=300`, `gone=${SMALL},history=900`, `stalled=${SMALL},history=300`, `shut=${SMALL}`, `unlisted=${SMALL},history=300`, `undescribed=${SMALL},history=300`,
    "odd=testsrc,size=64x64,codec=vp9", `bare=${SMALL}`, `forgetful=${SMALL},retention=0`, `deleting=${SMALL}`, "tiny=testsrc,size=64x64,fps=10,fragment=0.5,loop=4", "huge=testsrc,size=64x64,fps=5,fragment=12,loop=24,history=300", `nonkey=${SMALL}`, `flaky=${SMALL},history=300`, `cut=${SMALL},history=300`,
  ].map(parseCamera),
});

describe("the verdict and the advice name the trouble", { concurrency: 2 }, () => {
  const gaps = [[120_000, 100_000], [60_000, 57_000]].map(([from, to]) => ({ from: from!, to: to! }));
  let now = 0;
  before(() => {
    now = Date.now();
    for (const { from, to } of gaps) emulated.camera("gappy").goOffline(now - from, now - to);
    emulated.camera("offline").setOnline(false, now - 45_000);
    emulated.camera("gone").setOnline(false, now - 600_000);
    emulated.camera("stepped").stepClock(now - 100_000, -30_000);
    emulated.camera("shut").description.isAuthorized = false;
    emulated.camera("bare").description.hasCodecPrivateData = false;
    emulated.camera("deleting").description.status = "DELETING";
    const denied = { kind: "status", status: 403, error: "AccessDeniedException", message: "not allowed", for: "600s" } as const;
    emulated.emulator.inject({ ...denied, stream: "unlisted", operation: "ListFragments" });
    emulated.emulator.inject({ ...denied, stream: "undescribed", operation: "DescribeStream" });
    emulated.emulator.inject({ kind: "truncate", stream: "flaky", times: 1 });
    emulated.emulator.inject({ kind: "truncate", stream: "cut", for: "600s" });
    emulated.emulator.inject({ kind: "non-key", stream: "nonkey", for: "600s" });
  });

  const cases: Readonly<Record<string, { prepare?: () => void; troubles: string[]; says: RegExp; advice: RegExp }>> = {
    healthy: { troubles: [], says: /^healthy$/, advice: /^$/ },
    late: { troubles: ["late"], says: /^footage arrives late: 1[3-5](\.\d+)? s after/, advice: /uplink/ },
    gappy: { troubles: ["gaps"], says: /^2 gaps in the last 5 min, \d+(\.\d+)? s missing/, advice: /camera's network/ },
    ahead: { troubles: ["skewed"], says: /clock is 2\.28 s ahead of the service's$/, advice: /NTP/ },
    behind: { troubles: ["skewed"], says: /clock is 90\.1 s behind the service's/, advice: /--clock server/ },
    stepped: { troubles: ["clock-step", "overlaps", "skewed"], says: /and 2 more$/, advice: /./ },
    offline: { troubles: ["offline"], says: /^the camera is offline: its last picture is [4-9]\d(\.\d+)? s old/, advice: /power, network/ },
    gone: { troubles: ["offline"], says: /^the camera is offline: nothing is stored in the last 5 min/, advice: /--window/ },
    stalled: { prepare: () => emulated.camera("stalled").setOnline(false, Date.now() - 15_000), troubles: ["stalled"], says: /^nothing new came while we watched: the newest footage ended (1[5-9]|2\d)(\.\d+)? s ago/, advice: /probe again/ },
    shut: { troubles: ["forbidden"], says: /^the caller may not play this stream \(GetDataEndpoint: NotAuthorizedException 401\)/, advice: /kinesisvideo:GetHLSStreamingSessionURL/ },
    unlisted: { troubles: ["list-failed"], says: /^ListFragments failed \(AccessDeniedException 403\): gaps beyond the live list/, advice: /kinesisvideo:ListFragments/ },
    undescribed: { troubles: ["describe-failed"], says: /^DescribeStream failed \(AccessDeniedException 403\)/, advice: /kinesisvideo:DescribeStream/ },
    odd: { troubles: ["unsupported"], says: /cannot play this media by HLS \(GetHLSStreamingSessionURL: UnsupportedStreamMediaTypeException 400\)/, advice: /H\.264 or H\.265/ },
    bare: { troubles: ["unsupported"], says: /MissingCodecPrivateDataException 400/, advice: /codec private data/ },
    forgetful: { troubles: ["no-retention"], says: /^the stream keeps nothing/, advice: /update-data-retention/ },
    deleting: { troubles: ["not-active"], says: /^the stream is DELETING/, advice: /./ },
    nope: { troubles: ["not-found"], says: /^there is no such stream/, advice: /name, the region/ },
    tiny: { troubles: ["tiny-fragments"], says: /^fragments are of 500 ms/, advice: /key frame interval/ },
    huge: { troubles: ["long-fragments", "long-gop"], says: /12 s/, advice: /1 to 4 s/ },
    flaky: { troubles: ["unsteady"], says: /^GetMP4MediaFragment failed now and then \(MALFORMED_MEDIA\)/, advice: /probe again/ },
    cut: { troubles: ["broken-media"], says: /^the media is broken \(GetMP4MediaFragment: MALFORMED_MEDIA\)/, advice: /producer/ },
    nonkey: { troubles: ["non-key-start", "undecodable"], says: /^\d+ pictures cannot be decoded: what they reference was not sent/, advice: /begin each fragment/ },
  };
  for (const [name, expected] of Object.entries(cases)) {
    test(name, async () => {
      expected.prepare?.();
      const facts = await probeCamera(emulated, name);
      const findings = judge(facts);
      assert.deepEqual(troubles(facts), expected.troubles, JSON.stringify(facts));
      assert.match(verdictOf(findings).text, expected.says);
      assert.match(findings[0]!.advice, expected.advice);
      for (const { level, advice } of findings) assert.ok(level === "ok" || advice !== "", "every finding says what to do");
    });
  }

  test("gaps are those of the camera, to 50 ms", async () => {
    const { coverage } = await probeCamera(emulated, "gappy");
    const sent = emulated.camera("gappy").fragments(now - 300_000, now - 30_000, "producer");
    const holes = sent.slice(1).flatMap((fragment, at) => {
      const from = sent[at]!.startMs.producer + sent[at]!.durationMs;
      return fragment.startMs.producer - from > 50 ? [{ from, to: fragment.startMs.producer }] : [];
    });
    assert.equal(holes.length, gaps.length);
    assert.equal(coverage?.gaps.length, holes.length, JSON.stringify(coverage?.gaps));
    for (const [at, { from, to }] of holes.entries()) {
      assertNear(coverage.gaps[at]!.from, from, 50, "start of a gap");
      assertNear(coverage.gaps[at]!.to, to, 50, "end of a gap");
    }
  });

  test("a clock that was set is known by how far and since when", async () => {
    const { clock } = await probeCamera(emulated, "stepped");
    assertNear(clock?.stepMs, -30_000, 50, "step");
    assertNear(clock?.skewMs, -30_120, 10, "skew since then");
  });

  test("a stream that may only be played is measured by its live list", async () => {
    const { coverage, pictures, clock, latency } = await probeCamera(emulated, "unlisted");
    assert.deepEqual([coverage?.source, coverage?.gaps, clock], ["playlist", [], null]);
    assertNear(coverage?.fragmentMs.median, 2000, 1, "fragment length");
    assertNear(pictures?.fps, 10, 0.1, "frame rate");
    assertNear(latency?.totalMs, 450, 1200, "latency");
  });

  test("thresholds are broken by what is worse, and by what is not known", async () => {
    const [late, offline] = await Promise.all([probeCamera(emulated, "late"), probeCamera(emulated, "gone")]);
    const ids = (facts: typeof late, thresholds: Parameters<typeof brokenThresholds>[1]) => brokenThresholds(facts, thresholds).map(({ id }) => id);
    assert.deepEqual(ids(late, { maxLatencyMs: 20_000, minFps: 9.9, maxGapMs: 0 }), []);
    assert.deepEqual(ids(late, { maxLatencyMs: 10_000, minFps: 10.1 }), ["max-latency", "min-fps"]);
    assert.deepEqual(ids(offline, { maxLatencyMs: 1e9, minFps: 0, maxGapMs: 1e9 }), ["max-latency", "min-fps", "max-gap"]);
    assert.match(brokenThresholds(offline, { minFps: 5 })[0]!.text, /could not be measured, wanted 5 fps \(--min-fps\)/);
  });

  test("a service that falls silent ends the probe in its time, with what is known", async () => {
    const silent = emulated.emulator.inject({ kind: "stall", stream: "healthy", operation: "GetHLSStreamingSessionURL", for: "8s" });
    assert.ok(silent);
    const facts = await probeCamera(emulated, "healthy", { timeout: 2 });
    assert.ok(facts.tookMs < 5000, `${facts.tookMs} ms`);
    assert.deepEqual(troubles(facts), ["timeout"]);
    assert.ok(facts.coverage !== null && facts.stream !== null);
    assert.match(findingOf(facts, "timeout").advice, /--timeout/);
  });

  test("bad options and no region are errors, not reports", async () => {
    await assert.rejects(probeCamera(emulated, "no name"), OptionError);
    await assert.rejects(probeCamera(emulated, "healthy", { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
    await assert.rejects(probeCamera(emulated, "healthy", { region: undefined, profile: "none-such" }), (error) => error instanceof KVSConnectionError);
  });
});
