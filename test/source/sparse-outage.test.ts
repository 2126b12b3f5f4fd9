import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import type { SourceEvent } from "../../src/index.js";
import { Emulated } from "../helpers/emulated.js";
import { openSource } from "../helpers/read-frames.js";

let isDown = false;
const emulated = new Emulated({ cameras: [parseCamera("front=testsrc,size=64x48,fps=10,fragment=0.5,loop=4")], limits: false, onRequest: () => (isDown ? { destroy: true } : undefined) });

const TICK_MS = 12_000;
const DOWN_MS = 6500; // the live list reaches back five seconds

test("an outage between two sparse pictures is a gap of its own length at most: what was passed over before is not missing", async () => {
  const gaps: Extract<SourceEvent, { type: "gap" }>[] = [];
  const onEvent = (event: SourceEvent): void => {
    if (event.type === "gap") gaps.push(event);
  };
  let downAt = Infinity;
  await using source = openSource(emulated.emulator.url, { streamName: "front", pixelFormat: "gray8", targetFps: 1000 / TICK_MS, timeout: 1, reconnectDelay: 0.2, maxReconnectDelay: 0.5, maxConsecutiveErrors: 1000, onEvent });
  for await (const { capturedAt } of source) {
    if (downAt < Infinity) break;
    const leftMs = TICK_MS - (capturedAt % TICK_MS);
    if (leftMs < TICK_MS - 1500) continue; // not enough time before the next tick
    setTimeout(() => {
      downAt = Date.now();
      isDown = true;
      setTimeout(() => (isDown = false), DOWN_MS);
    }, 3000);
  }
  assert.ok(downAt < Infinity);
  for (const { fromMs } of gaps) assert.ok(fromMs >= downAt - 1500, `a gap from ${downAt - fromMs} ms before the outage`);
});
