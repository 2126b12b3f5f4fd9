import assert from "node:assert/strict";
import { test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import type { SourceEvent } from "../../src/core/events.js";
import { eventRecord, frameRecord, ndjson, summaryRecord, type RunSummary } from "../../src/sinks/manifest.js";
import { TEST_TIME, testFrame } from "../helpers/test-frame.js";

const URL_WITH_TOKEN = "https://h/hls/v1/x.m3u8?SessionToken=CiAsecret";
const error = new HLSStreamError(`cannot read ${URL_WITH_TOKEN}`, { code: "HTTP_STATUS" });

test("a frame is one line, its keys in their order", () => {
  const frame = testFrame({ fragment: "9134", width: 1280, height: 720 });
  const record = frameRecord({ frame, seq: 0, cameraId: "front", path: "frames/front/20261122T101500.120Z_000000.jpg", bytes: 84_512, writtenAt: TEST_TIME + 2500, isRaw: false });
  assert.equal(
    ndjson(record),
    '{"type":"frame","seq":0,"camera":"front","path":"frames/front/20261122T101500.120Z_000000.jpg","capturedAt":"2026-11-22T10:15:00.120Z","capturedAtMs":1795342500120,"clock":"producer","receivedAt":"2026-11-22T10:15:02.430Z","lagMs":2500,"fragment":"9134","index":0,"ptsMs":0,"keyframe":true,"width":1280,"height":720,"bytes":84512,"schema":1}\n',
  );
});

const golden: [event: SourceEvent, line: string | undefined][] = [
  [{ type: "gap", fromMs: TEST_TIME, toMs: TEST_TIME + 1500, cause: "window" }, '{"type":"gap","camera":"front","from":"2026-11-22T10:15:00.120Z","to":"2026-11-22T10:15:01.620Z","durationMs":1500,"cause":"window","schema":1}'],
  [{ type: "session", reason: "start", host: "h", expiresAt: TEST_TIME, clock: "server" }, '{"type":"session","camera":"front","reason":"start","host":"h","expiresAt":"2026-11-22T10:15:00.120Z","clock":"server","schema":1}'],
  [{ type: "reconnect", attempt: 2, delayMs: 5000, error }, '{"type":"reconnect","camera":"front","attempt":2,"delayMs":5000,"error":{"code":"HTTP_STATUS","message":"cannot read https://h/hls/v1/x.m3u8?SessionToken=…"},"schema":1}'],
  [{ type: "waiting", reason: "the camera sends nothing", sinceMs: TEST_TIME }, '{"type":"waiting","camera":"front","reason":"the camera sends nothing","since":"2026-11-22T10:15:00.120Z","schema":1}'],
  [{ type: "frame", frame: testFrame() }, undefined],
  [{ type: "state", state: "connected", previous: "connecting" }, undefined],
];
for (const [event, line] of golden) {
  test(`the record of the event ${event.type}`, () => {
    assert.equal(JSON.stringify(eventRecord(event, "front")), line);
  });
}

const RUN: RunSummary = {
  cameraId: "front", frames: 300, firstCapturedAt: TEST_TIME, lastCapturedAt: TEST_TIME + 9967, elapsedMs: 12_345, fragments: 10, bytesDownloaded: 1e6, fragmentsSkipped: 3, bytesSaved: 40, decodesSaved: 5, bytesWritten: 2e6,
  gaps: 1, reconnects: 2, urlRefreshes: 3, lagStartMs: 2310, lagEndMs: 2400, ended: "max-frames", error: undefined, exitCode: 0,
};

test("the summary", () => {
  assert.equal(
    JSON.stringify(summaryRecord(RUN)),
    '{"type":"summary","camera":"front","frames":300,"firstCapturedAt":"2026-11-22T10:15:00.120Z","lastCapturedAt":"2026-11-22T10:15:10.087Z","durationMs":9967,"elapsedMs":12345,"fps":29.999,"fragments":10,"bytesDownloaded":1000000,"fragmentsSkipped":3,"bytesSaved":40,"decodesSaved":5,"bytesWritten":2000000,"gaps":1,"reconnects":2,"urlRefreshes":3,"lagStartMs":2310,"lagEndMs":2400,"ended":"max-frames","exitCode":0,"schema":1}',
  );
});

test("the summary of a run without a frame, ended by an error", () => {
  const record = summaryRecord({ ...RUN, frames: 0, firstCapturedAt: undefined, lastCapturedAt: undefined, lagStartMs: undefined, lagEndMs: undefined, ended: "error", error, exitCode: 75 });
  assert.deepEqual(
    { ...record, elapsedMs: 0 },
    { ...summaryRecord(RUN), frames: 0, firstCapturedAt: null, lastCapturedAt: null, durationMs: 0, elapsedMs: 0, fps: null, lagStartMs: null, lagEndMs: null, ended: "error", error: { code: "HTTP_STATUS", message: "cannot read https://h/hls/v1/x.m3u8?SessionToken=…" }, exitCode: 75 },
  );
});
