import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { probeExitCode } from "../../src/cli/probe/exit-code.js";
import { jsonReport, type ProbeReport } from "../../src/cli/probe/json.js";
import { textReport } from "../../src/cli/probe/report.js";
import { painter } from "../../src/cli/probe/style.js";
import type { ProbeFacts } from "../../src/source/probe/facts.js";
import { judge, verdictOf } from "../../src/source/probe/findings.js";

const ESCAPE = String.fromCharCode(27);
const AT = Date.UTC(2026, 10, 22, 10, 15);
const NAME = "loading-dock-camera-7-of-the-warehouse-by-the-river-with-a-name-of-more-than-eighty-columns";

/** A camera with every kind of trouble that can be read. */
const FACTS: ProbeFacts = {
  asked: NAME,
  probedAt: AT,
  tookMs: 2934,
  windowMs: 300_000,
  calls: [
    { api: "GetDataEndpoint", count: 2, ms: 81.4, error: null },
    { api: "GetImages", count: 1, ms: 80, error: { code: "NOT_AUTHORIZED", name: "AccessDeniedException", status: 403, message: "not allowed" } },
    { api: "GetHLSStreamingSessionURL", count: 1, ms: 212, error: null },
    { api: "ListFragments", count: 1, ms: 95, error: null },
    { api: "GetMP4MediaFragment", count: 5, ms: 340, error: null },
  ],
  stream: {
    name: NAME, arn: `arn:aws:kinesisvideo:eu-west-1:123456789012:stream/${NAME}/1795342500120`, status: "ACTIVE", mediaType: "video/h265,audio/aac", retentionHours: 48,
    encryptionKey: "arn:aws:kms:eu-west-1:123456789012:alias/aws/kinesisvideo", createdAt: AT - 86_400_000 * 40,
  },
  session: { mode: "live", host: "b-1234abcd.kinesisvideo.eu-west-1.amazonaws.com", fragmentsListed: 10, listedMs: 123_400, codecs: ["hvc1.1.6.L120.90", "mp4a.40.2"] },
  video: { codec: "h265", sampleEntry: "hvc1", profile: "Main", level: "4", width: 1440, height: 1080, pixelAspect: { width: 4, height: 3 }, colour: { matrix: undefined, primaries: undefined, transfer: undefined, range: "pc" }, rotation: 90 },
  pictures: {
    fragments: 5, pictures: 748, from: AT - 62_000, to: AT - 2000, fps: 12.4667, intervalMs: { min: 40, median: 80, max: 160 }, intervalJitterMs: 21.37, isVariableRate: true,
    keyIntervalMs: { min: 6000, median: 12_000, max: 12_000 }, isReordered: true, reorderDepth: 2, fragmentsWithoutKeyFirst: 1, bitsPerSecond: 2_034_567, keyBytes: 91_000, fragmentBytes: 3_051_850, hasInitChange: true,
    oddities: { damagedSamples: 0, firstDamage: null, emptySamples: 0, contradictoryTimes: 0, openGroups: 0, gradualRefreshes: 0, undecodable: 0, sizes: [{ width: 1440, height: 1080 }], claimedSize: null },
  },
  coverage: {
    source: "index", from: AT - 300_000, to: AT - 2000, fragments: 24, fragmentMs: { min: 6000, median: 12_000, max: 12_040 },
    gaps: [{ from: AT - 200_000, to: AT - 188_345, lengthMs: 11_655 }, { from: AT - 100_000, to: AT - 99_920, lengthMs: 80 }],
    overlaps: [{ from: AT - 50_000, to: AT - 49_500, lengthMs: 500 }], storedBitsPerSecond: 2_100_000, newestEnd: AT - 2000,
  },
  clock: { fragments: 24, skewMs: 4210, jitterMs: 38.2, driftPpm: -812.4, driftErrorPpm: 20.1, stepMs: 0 },
  latency: { isExact: true, cameraToServiceMs: null, serviceToUsMs: 11_310, totalMs: 11_310, atLeastMs: 11_310 },
  cost: { pricePerGb: 0.0119, everyFrame: { bytesPerDay: 21.97e9, pricePerDay: 0.26147 }, keyFrames: { bytesPerDay: 0.6552e9, pricePerDay: 0.0078 }, oneAMinute: { bytesPerDay: 4.394e9, pricePerDay: 0.05229 } },
  quota: { fragmentsPerSecond: 0.0833, fragmentLimit: 10, playlistsPerSecond: 0.1667, playlistLimit: 5, catchUp: 120 },
  bytesDownloaded: 15_259_250,
};
const report = (facts: ProbeFacts): ProbeReport => {
  const findings = judge(facts);
  return { facts, findings, verdict: verdictOf(findings) };
};
const plain = (facts: ProbeFacts): string => textReport(report(facts), painter(false));

describe("the report for people", () => {
  test("is, word by word, what it was", async () => {
    const golden = await readFile(fileURLToPath(new URL("../fixtures/probe-report.txt", import.meta.url)), "utf8");
    assert.equal(plain(FACTS), golden);
  });

  test("fits 80 columns, whatever the stream is called", () => {
    for (const line of plain(FACTS).split("\n")) assert.ok(line.length <= 80 && line === line.trimEnd(), `"${line}" has ${line.length} columns`);
  });

  test("has colours where they are wanted, and the same words", () => {
    const coloured = textReport(report(FACTS), painter(true));
    assert.ok(coloured.includes(`${ESCAPE}[33mWARNING${ESCAPE}[0m`));
    assert.equal(coloured.replaceAll(new RegExp(`${ESCAPE}\\[\\d+m`, "g"), ""), plain(FACTS));
  });

  test("of a stream of which nothing is known says that", () => {
    const error = { code: "NOT_AUTHORIZED", name: "NotAuthorizedException", status: 401, message: "no" } as const;
    const nothing: ProbeFacts = {
      ...FACTS, asked: "front", stream: null, session: null, video: null, pictures: null, coverage: null, clock: null, latency: null, cost: null, quota: null, bytesDownloaded: 0,
      calls: [{ api: "GetDataEndpoint", count: 2, ms: 12, error }, { api: "DescribeStream", count: 1, ms: 10, error }],
    };
    assert.equal(
      plain(nothing),
      `front, probed at 2026-11-22T10:15:00.000Z in 2.93 s

PROBLEM  the caller may not play this stream (GetDataEndpoint:
         NotAuthorizedException 401)

x  the caller may not play this stream (GetDataEndpoint: NotAuthorizedException
   401)
   -> allow the actions kinesisvideo:GetDataEndpoint and
      kinesisvideo:GetHLSStreamingSessionURL, and check that the credentials are
      this account's and not expired

Calls
  GetDataEndpoint   NotAuthorizedException 401, 12 ms each, 2 times
  DescribeStream    NotAuthorizedException 401, 10 ms
`,
    );
    assert.deepEqual([false, true].map((isCheck) => probeExitCode(report(nothing), isCheck)), [77, 77]);
  });
});

interface ReportParts {
  readonly type: string;
  readonly schema: number;
  readonly probedAt: string;
  readonly verdict: { readonly level: string };
  readonly stream: { readonly createdAt: string };
  readonly coverage: { readonly gaps: readonly unknown[] };
  readonly video: { readonly colour: unknown };
  readonly latency: { readonly cameraToServiceMs: unknown };
  readonly pictures: { readonly fps: number };
}

test("the report for programs has its schema, ISO times, and null for what is not known", () => {
  const json = JSON.parse(jsonReport(report(FACTS))) as ReportParts;
  assert.deepEqual([json.type, json.schema, json.verdict.level, json.probedAt, json.stream.createdAt], ["probe", 1, "warning", "2026-11-22T10:15:00.000Z", "2026-10-13T10:15:00.000Z"]);
  assert.deepEqual(json.coverage.gaps[0], { from: "2026-11-22T10:11:40.000Z", to: "2026-11-22T10:11:51.655Z", lengthMs: 11_655 });
  assert.deepEqual([json.video.colour, json.latency.cameraToServiceMs, json.pictures.fps], [{ matrix: null, primaries: null, transfer: null, range: "pc" }, null, 12.467]);
  assert.deepEqual(Object.keys(json), ["type", "schema", "verdict", "findings", "asked", "probedAt", "tookMs", "windowMs", "calls", "stream", "session", "video", "pictures", "coverage", "clock", "latency", "cost", "quota", "bytesDownloaded"]);
});
