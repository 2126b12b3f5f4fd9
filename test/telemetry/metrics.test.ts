import assert from "node:assert/strict";
import { test } from "node:test";
import { HLSStreamError } from "../../src/core/errors.js";
import type { SourceEvent } from "../../src/core/events.js";
import { createMetrics } from "../../src/telemetry/metrics.js";
import { RecentLag } from "../../src/telemetry/recent-lag.js";
import { startMonitoring, type Health } from "../../src/telemetry/server.js";
import { TEST_TIME, testFrame } from "../helpers/test-frame.js";

const error = new HLSStreamError("the fragment could not be read: status 500", { code: "HTTP_STATUS", retryable: true });
const session = { type: "session", host: "h", expiresAt: TEST_TIME, clock: "producer" } as const;

const moves: [series: string, events: SourceEvent[], value: number][] = [
  ["kvs_hls_frames_total", [{ type: "frame", frame: testFrame() }, { type: "frame", frame: testFrame({ index: 1 }) }], 2],
  ["kvs_hls_reconnects_total", [{ type: "reconnect", attempt: 1, delayMs: 5000, error }], 1],
  ["kvs_hls_url_refreshes_total", [{ ...session, reason: "start" }, { ...session, reason: "refresh" }, { ...session, reason: "expired" }, { ...session, reason: "reconnect" }], 2],
  ["kvs_hls_read_errors_total", [{ type: "readError", error }], 1],
  ["kvs_hls_last_frame_timestamp", [{ type: "frame", frame: testFrame() }], TEST_TIME / 1000],
  ["kvs_hls_connection_state", [{ type: "state", state: "reconnecting", previous: "connected" }], 3],
  ["kvs_hls_fragments_total", [{ type: "fragment", number: "1", startMs: TEST_TIME, durationMs: 1000, bytes: 4096, totalBytes: 4096, frames: 30, decoded: 30 }], 1],
  ["kvs_hls_received_bytes_total", [{ type: "fragment", number: "1", startMs: TEST_TIME, durationMs: 1000, bytes: 4096, totalBytes: 4096, frames: 30, decoded: 30 }], 4096],
  ["kvs_hls_gaps_total", [{ type: "gap", fromMs: TEST_TIME, toMs: TEST_TIME + 1, cause: "window" }], 1],
];

async function withServer(work: (url: string, observe: (event: SourceEvent) => void) => Promise<void>, health: () => Health = () => ({ isHealthy: true, detail: {} })): Promise<void> {
  const metrics = createMetrics("front door");
  await using server = await startMonitoring({ host: "127.0.0.1", port: 0, metrics, health });
  await work(server.url, (event) => metrics.observe(event));
}

/** The value of a series as Prometheus would read it. */
async function scrape(url: string, series: string): Promise<number> {
  const response = await fetch(`${url}/metrics`);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const line = (await response.text()).split("\n").find((text) => text.startsWith(`${series}{`));
  assert.ok(line, `${series} is not served`);
  assert.match(line, /\{camera_id="front door"\}/);
  return Number(line.split(" ").at(-1));
}

for (const [series, events, value] of moves) {
  test(`${series} is served from the start and moves with its events`, () =>
    withServer(async (url, observe) => {
      assert.equal(await scrape(url, series), 0);
      events.forEach(observe);
      assert.equal(await scrape(url, series), value);
    }));
}

test("each connection state has its number", () =>
  withServer(async (url, observe) => {
    for (const [number, state] of (["disconnected", "connecting", "connected", "reconnecting", "error"] as const).entries()) {
      observe({ type: "state", state, previous: "disconnected" });
      assert.equal(await scrape(url, "kvs_hls_connection_state"), number);
    }
  }));

test("kvs_hls_frame_lag_seconds is from the capture to now", () =>
  withServer(async (url, observe) => {
    assert.equal(await scrape(url, "kvs_hls_frame_lag_seconds"), 0);
    observe({ type: "frame", frame: testFrame({ capturedAt: Date.now() - 2310 }) });
    const lag = await scrape(url, "kvs_hls_frame_lag_seconds");
    assert.ok(lag >= 2.31 && lag < 12.31, String(lag));
  }));

test("two cameras in one process do not mix", async () => {
  const [front, back] = [createMetrics("front"), createMetrics("back")];
  front.observe({ type: "readError", error });
  assert.match(await front.text(), /kvs_hls_read_errors_total\{camera_id="front"\} 1/);
  assert.match(await back.text(), /kvs_hls_read_errors_total\{camera_id="back"\} 0/);
});

test("the lag is the longest of some seconds, and grows while no frame comes", () => {
  const lag = new RecentLag();
  assert.equal(lag.at(TEST_TIME), undefined);
  // A fragment's frames come at once.
  for (const age of [3000, 2000, 1000]) lag.add(TEST_TIME - age, TEST_TIME);
  assert.equal(lag.at(TEST_TIME), 3000);
  lag.add(TEST_TIME + 13_500, TEST_TIME + 14_000);
  assert.equal(lag.at(TEST_TIME + 14_000), 3000);
  assert.equal(lag.at(TEST_TIME + 20_000), 3000);
  lag.add(TEST_TIME + 19_500, TEST_TIME + 20_000);
  assert.equal(lag.at(TEST_TIME + 36_000), 500);
  assert.equal(lag.at(TEST_TIME + 80_000), 60_500);
});

test("a camera that is silent is told until its next frame", async () => {
  const metrics = createMetrics("front");
  const waiting = async (): Promise<string | undefined> => /^kvs_hls_waiting\{.*\} (\d)$/m.exec(await metrics.text())?.[1];
  assert.equal(await waiting(), "0");
  metrics.observe({ type: "waiting", reason: "the camera sends nothing new", sinceMs: TEST_TIME });
  assert.equal(await waiting(), "1");
  metrics.observe({ type: "frame", frame: testFrame() });
  assert.equal(await waiting(), "0");
});
