import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";
import { start } from "../helpers/kvs-frames.js";

let spoil: RequestHook = () => undefined;
const emulated = new Emulated({
  cameras: [parseCamera("front=testsrc,size=160x90,fps=15,fragment=1,loop=4")],
  sessionSeconds: 4,
  limits: false,
  onRequest: (request) => spoil(request),
});

type Scrape = Readonly<Record<string, number>>;

async function scrape(url: string): Promise<Scrape> {
  const text = await (await fetch(url)).text();
  const samples = [...text.matchAll(/^(kvs_hls_\w+)\{camera_id="yard"\} (\S+)$/gm)];
  return Object.fromEntries(samples.map(([, name, value]) => [name!, Number(value)]));
}

async function until(url: string, holds: (sample: Scrape) => boolean): Promise<Scrape> {
  for (let tries = 0; tries < 300; tries += 1) {
    const sample = await scrape(url);
    if (holds(sample)) return sample;
    await sleep(50);
  }
  throw new Error(`still ${JSON.stringify(await scrape(url))}`);
}

test("each of the six series moves, and health follows the frames", { timeout: 60_000 }, async () => {
  const flags = ["--stream-name", "front", "--camera-id", "yard", "--no-images", "--metrics-port", "0", "--reconnect-delay", "1s", "--max-staleness", "3s"];
  spoil = ({ operation }) => (operation === "GetHLSStreamingSessionURL" ? { delayMs: 1000 } : undefined);
  const { child, finished } = start(["pull", "--endpoint-url", emulated.emulator.url, ...flags]);
  let stderr = "";
  child.stderr?.on("data", (chunk) => (stderr += String(chunk)));
  const url = await (async () => {
    for (;;) {
      const [, address] = /metrics at (http\S+)\/metrics/.exec(stderr) ?? [];
      if (address !== undefined) return address;
      await sleep(20);
    }
  })();
  const metrics = `${url}/metrics`;
  const ready = async (): Promise<number> => (await fetch(`${url}/readyz`)).status;

  const connecting = await until(metrics, (sample) => sample.kvs_hls_connection_state === 1);
  assert.deepEqual([connecting.kvs_hls_frames_total, connecting.kvs_hls_last_frame_timestamp], [0, 0]);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal(await ready(), 503);

  const connected = await until(metrics, (sample) => sample.kvs_hls_connection_state === 2);
  assert.equal(await ready(), 200);
  const age = Date.now() / 1000 - connected.kvs_hls_last_frame_timestamp!;
  assert.ok(age > 0 && age < 10, `the newest frame is ${age} s old`);
  const later = await until(metrics, (sample) => sample.kvs_hls_url_refreshes_total! >= 1 && sample.kvs_hls_frames_total! > connected.kvs_hls_frames_total!);
  assert.ok(later.kvs_hls_last_frame_timestamp! > connected.kvs_hls_last_frame_timestamp!);
  assert.deepEqual([later.kvs_hls_reconnects_total, later.kvs_hls_read_errors_total, later.kvs_hls_connection_state], [0, 0, 2]);
  assert.equal(await ready(), 200);

  spoil = ({ path }) => (path.endsWith("getHLSMediaPlaylist.m3u8") ? { status: 500 } : undefined);
  const reconnecting = await until(metrics, (sample) => sample.kvs_hls_connection_state === 3);
  assert.ok(reconnecting.kvs_hls_reconnects_total! >= 1 && reconnecting.kvs_hls_read_errors_total! >= 1);
  assert.equal(await ready(), 503);

  spoil = () => undefined;
  const again = await until(metrics, (sample) => sample.kvs_hls_connection_state === 2);
  assert.ok(again.kvs_hls_frames_total! > later.kvs_hls_frames_total!);
  assert.equal(await ready(), 200);

  child.kill("SIGTERM");
  const { code, records } = await finished;
  assert.equal(code, 143);
  assert.ok(Number(records.at(-1)?.reconnects) >= 1);
});
