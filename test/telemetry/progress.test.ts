import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { formatProgress } from "../../src/telemetry/progress-line.js";
import { startProgress, type ProgressStatus } from "../../src/telemetry/progress.js";

const STATUS: ProgressStatus = { cameraId: "front", state: "connected", frames: 123, bytesWritten: 8_412_345, fps: 10, lagMs: 2310, elapsedMs: 12_000, share: 0.4 };

const lines: [given: Partial<ProgressStatus>, expected: string][] = [
  [{}, "front  connected  123 frames  10.0 fps  lag 2.3s  8.4 MB  00:00:12 (40%, 00:00:18 left)"],
  [{ share: undefined }, "front  connected  123 frames  10.0 fps  lag 2.3s  8.4 MB  00:00:12"],
  [{ state: "connecting", frames: 0, bytesWritten: 0, fps: undefined, lagMs: undefined, share: 0 }, "front  connecting  0 frames  0 B  00:00:12 (0%)"],
  [{ frames: 1, bytesWritten: 999, share: undefined }, "front  connected  1 frame  10.0 fps  lag 2.3s  999 B  00:00:12"],
  [{ elapsedMs: 90_061_000, share: undefined }, "front  connected  123 frames  10.0 fps  lag 2.3s  8.4 MB  25:01:01"],
  [{ silentMs: 45_900, share: undefined }, "front  connected  123 frames  10.0 fps  no frame for 45s  8.4 MB  00:00:12"],
  [{ silentMs: 45_900, share: undefined, isOver: true }, "front  ended  123 frames  10.0 fps  lag 2.3s  8.4 MB  00:00:12"],
];
for (const [given, expected] of lines) {
  test(`the status line: ${expected}`, () => {
    assert.equal(formatProgress({ ...STATUS, ...given }), expected);
  });
}

test("the status line leaves out what the terminal has no room for", () => {
  assert.equal(formatProgress(STATUS, 80), "front  connected  123 frames  10.0 fps  lag 2.3s  8.4 MB");
  assert.equal(formatProgress(STATUS, 10), "front");
});

test("the line is kept up to date, and log lines stay above it", async () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 24 });
  let frames = 1;
  const progress = startProgress(terminal, () => ({ ...STATUS, frames }));
  progress.writeAbove("WARN: something\n");
  frames = 2;
  await sleep(300);
  progress.stop();
  terminal.end();
  const text = stripVTControlCharacters(Buffer.concat(await terminal.toArray() as Buffer[]).toString());
  assert.match(text, /1 frame .*\nWARN: something\nfront {2}connected {2}1 frame .*\n.*2 frames/s);
  assert.ok(text.endsWith("\n"));
});
