import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { encodeMedia, parseCamera, startEmulator, type RequestHook } from "../../src/emulator/index.js";
import { FFMPEG } from "../helpers/emulated.js";

const camera = parseCamera("door=testsrc,size=64x36,loop=2");

test("close ends connections that are kept alive and answers that are held back, at once", async () => {
  let hold: () => void = () => undefined;
  const isHeld = new Promise<void>((resolve) => (hold = resolve));
  const onRequest: RequestHook = ({ path }) => {
    if (path !== "/slow") return undefined;
    hold();
    return { delayMs: 60_000 };
  };
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [camera], onRequest });
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(get(emulator.url, { agent }), "response")) as [NodeJS.ReadableStream];
  response.resume();
  await once(response, "end");
  const slow = assert.rejects(fetch(`${emulator.url}/slow`), /fetch failed/);
  await isHeld;
  const startedAt = performance.now();
  await emulator.close();
  await emulator.close();
  await slow;
  assert.ok(performance.now() - startedAt < 500);
  await assert.rejects(fetch(emulator.url), /fetch failed/);
});

test("an aborted signal ends the start, and closes what runs", async () => {
  const long = parseCamera("door=testsrc,size=1920x1080,loop=600");
  const startedAt = performance.now();
  await assert.rejects(startEmulator({ ffmpeg: FFMPEG, cameras: [long], signal: AbortSignal.timeout(200) }), { name: "TimeoutError" });
  assert.ok(performance.now() - startedAt < 3000);
  const controller = new AbortController();
  const emulator = await startEmulator({ ffmpeg: FFMPEG, cameras: [camera], signal: controller.signal });
  controller.abort();
  await emulator.close();
  await assert.rejects(fetch(emulator.url), /fetch failed/);
});

test("what cannot be started says why", async () => {
  const start = (...cameras: Parameters<typeof startEmulator>[0]["cameras"]) => startEmulator({ ffmpeg: FFMPEG, cameras });
  await assert.rejects(start(parseCamera("a=/nowhere.mp4")), /\/nowhere\.mp4: No such file or directory/);
  await assert.rejects(start(camera, camera), /camera names must differ/);
  await assert.rejects(start({ ...camera, name: "front door" }), /got "front door"/);
  await assert.rejects(startEmulator({ ffmpeg: "/no/ffmpeg", cameras: [camera] }), /cannot encode with \/no\/ffmpeg: .*ENOENT/);
});

test("media encoded once serve any number of cameras, which cost next to nothing while nobody watches", async () => {
  const source = await encodeMedia({ path: FFMPEG }, { kind: "testsrc", size: { width: 64, height: 36 }, loopSeconds: 2 });
  const startedAt = performance.now();
  const cameras = Array.from({ length: 20 }, (_, i) => ({ name: `camera-${i}`, source, historySeconds: 86_400 }));
  const emulator = await startEmulator({ ffmpeg: "/never/run", cameras });
  assert.ok(performance.now() - startedAt < 500);
  const before = process.cpuUsage();
  await sleep(1000);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 50_000, `${user + system} microseconds of CPU in one idle second`);
  await emulator.close();
});
