import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import { KvsHlsFrameSource, OptionError, type ConnectionState, type SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

const CAMERAS = ["front=testsrc,size=160x90,fps=15,fragment=1,loop=4"].map(parseCamera);
const shortLived = new Emulated({ cameras: CAMERAS, sessionSeconds: 3 });
const longLived = new Emulated({ cameras: CAMERAS });
let spoil: RequestHook = () => undefined;
const spoiled = new Emulated({ cameras: CAMERAS, limits: false, onRequest: (request) => spoil(request) });

const countOf = (events: readonly SourceEvent[], type: SourceEvent["type"]): number => events.filter((event) => event.type === type).length;

/** Reads on for `seconds` of capture time and checks that no frame is missing or doubled on the way. */
async function readOn(emulated: Emulated, seconds: number, options: { hlsSessionSeconds?: number; urlRefreshMargin?: number } = {}) {
  const events: SourceEvent[] = [];
  const states = new Set<ConnectionState>();
  await using source = openSource(emulated.emulator.url, { streamName: "front", pixelFormat: "gray8", ...options, onEvent: (event) => events.push(event) });
  const times: number[] = [];
  for await (const { capturedAt } of source) {
    states.add(source.state);
    assert.ok(source.isHealthy());
    times.push(capturedAt);
    if (capturedAt - times[0]! >= seconds * 1000) break;
  }
  times.slice(1).forEach((time, i) => assert.ok(Math.abs(time - times[i]! - 1000 / 15) <= 1.5, `${time - times[i]!} ms between frames ${i} and ${i + 1}`));
  return { events, states: [...states], metrics: source.metrics };
}

test("sessions that die every three seconds cost no frame, no state, no health and no decoder", async () => {
  const { events, states, metrics } = await readOn(shortLived, 12);
  assert.ok(metrics.urlRefreshesTotal >= 3, `${metrics.urlRefreshesTotal} refreshes`);
  assert.deepEqual(states, ["connected"]);
  assert.deepEqual([countOf(events, "decoder"), countOf(events, "reconnect"), countOf(events, "readError"), countOf(events, "gap")], [1, 0, 0, 0]);
  const users = new Set(shortLived.emulator.journal.filter(({ path, status }) => path.endsWith(".mp4") && status === 200).map(({ sessionIndex }) => sessionIndex));
  assert.ok(users.size >= 4, `fragments came from ${users.size} sessions: each that is opened must be used`);
});

test("a session is replaced ahead of its end, while the old one still serves", async () => {
  const { events, metrics } = await readOn(longLived, 8, { hlsSessionSeconds: 300, urlRefreshMargin: 297 });
  const reasons = events.flatMap((event) => (event.type === "session" ? [event.reason] : []));
  assert.deepEqual([...new Set(reasons)], ["start", "refresh"]);
  assert.equal(metrics.urlRefreshesTotal, reasons.length - 1);
  assert.equal(longLived.emulator.journal.filter(({ status }) => status === 403).length, 0);
});

test("a session that ends while a broken fragment is fetched again goes on in the next one, without a word of it", async () => {
  let fragments = 0;
  spoil = ({ path }) => {
    if (!path.endsWith("getMP4MediaFragment.mp4")) return undefined;
    fragments += 1;
    return fragments === 3 ? { body: (body) => body.subarray(0, 2000) } : fragments === 4 ? { status: 403 } : undefined;
  };
  const { events, states } = await readOn(spoiled, 5);
  spoil = () => undefined;
  assert.deepEqual(states, ["connected"]);
  assert.deepEqual(events.flatMap((event) => (event.type === "session" ? [event.reason] : [])), ["start", "expired"]);
  assert.deepEqual([countOf(events, "reconnect"), countOf(events, "readError"), countOf(events, "gap")], [0, 0, 0]);
});

test("sessions shorter than the service allows are refused at once", () => {
  assert.throws(() => new KvsHlsFrameSource({ streamName: "front", hlsSessionSeconds: 60 }), (error: unknown) => error instanceof OptionError && /300/.test(error.message) && /60/.test(error.message));
});

test("a connection that opens but gives no frame spends the budget, and the delays grow", async () => {
  spoil = ({ path }) => (path.endsWith("getMP4MediaFragment.mp4") ? { status: 500 } : undefined);
  const events: SourceEvent[] = [];
  const options = { streamName: "front", reconnectDelay: 0.1, maxReconnectDelay: 10, maxConsecutiveErrors: 3, onEvent: (event: SourceEvent) => events.push(event) };
  await using source = openSource(spoiled.emulator.url, options);
  await assert.rejects(source.readFrame(), { name: "HLSStreamError", code: "HTTP_STATUS" });
  const delays = events.flatMap((event) => (event.type === "reconnect" ? [event.delayMs] : []));
  assert.equal(delays.length, 2);
  assert.ok(delays[0]! >= 80 && delays[0]! <= 120 && delays[1]! >= 160 && delays[1]! <= 240, `delays ${delays.join(", ")}`);
});

test("a good frame renews the budget", async () => {
  let allowed = 0; // one fragment after each reconnect
  spoil = ({ path }) => (path.endsWith("getMP4MediaFragment.mp4") && allowed-- <= 0 ? { status: 500 } : undefined);
  const onEvent = ({ type }: SourceEvent): void => {
    if (type === "reconnect") allowed = 1;
  };
  const options = { streamName: "front", reconnectDelay: 0, maxReconnectDelay: 0, maxConsecutiveErrors: 2, onEvent };
  await using source = openSource(spoiled.emulator.url, options);
  let frames = 0;
  for await (const frame of source) if (++frames === 40 && frame) break;
  assert.ok(source.metrics.reconnectsTotal >= 2, `${source.metrics.reconnectsTotal} reconnects, more than the budget of 2 allows in a row`);
});

test("a long silence leaves the budget for failures whole", async () => {
  let openings = 0;
  spoil = ({ operation }) => {
    if (operation !== "GetHLSStreamingSessionURL") return undefined;
    openings += 1;
    if (openings > 3) return { status: 500, body: "{}" };
    const body = JSON.stringify({ Message: "No fragments found in the stream for the streaming request." });
    return { status: 404, headers: { "x-amzn-ErrorType": "ResourceNotFoundException", "content-type": "application/json" }, body };
  };
  const events: SourceEvent[] = [];
  const options = { streamName: "front", reconnectDelay: 0.1, maxReconnectDelay: 1, maxConsecutiveErrors: 3, onEvent: (event: SourceEvent) => events.push(event) };
  await using source = openSource(spoiled.emulator.url, options);
  await assert.rejects(source.readFrame(), { name: "KVSConnectionError", code: "SERVICE_ERROR" });
  assert.deepEqual([countOf(events, "waiting"), countOf(events, "reconnect")], [1, 2]);
});
