import assert from "node:assert/strict";
import { test } from "node:test";
import { DecoderError, HLSStreamError } from "../../src/core/errors.js";
import type { SourceEvent } from "../../src/core/events.js";
import { logEvent } from "../../src/telemetry/events-log.js";
import type { LogFormat, LogLevel } from "../../src/telemetry/log-options.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { TEST_TIME, testFrame } from "../helpers/test-frame.js";

function logging(format: LogFormat, level: LogLevel = "trace", isColored = false) {
  const lines: string[] = [];
  return { lines, log: createLogger({ level, format, isColored, write: (line) => lines.push(line) }) };
}

test("text lines have time, level and message, and colour only when asked", () => {
  const plain = logging("text");
  plain.log.warn({ code: "TIMEOUT" }, "no answer");
  assert.equal(plain.lines.length, 1);
  assert.match(plain.lines[0] ?? "", /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN: no answer \{"code":"TIMEOUT"\}\n$/);
  const coloured = logging("text", "trace", true);
  coloured.log.warn("no answer");
  assert.ok(coloured.lines[0]?.includes("\u001b["));
});

test("json lines name the level and say when in ISO 8601", () => {
  const { lines, log } = logging("json");
  log.info({ state: "connected" }, "connected");
  const { time, ...rest } = JSON.parse(lines[0] ?? "");
  assert.deepEqual(rest, { level: "info", state: "connected", msg: "connected" });
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 10_000);
});

test("a level silences what is below it", () => {
  const { lines, log } = logging("json", "warn");
  log.info("no");
  log.warn("yes");
  assert.equal(lines.length, 1);
  const silent = logging("json", "silent");
  silent.log.fatal("no");
  assert.equal(silent.lines.length, 0);
});

for (const format of ["text", "json"] as const) {
  test(`no token comes through in ${format}, in whichever part of a line`, () => {
    const { lines, log } = logging(format);
    const url = "https://b-1.kinesisvideo.eu-west-1.amazonaws.com/hls/v1/getHLSMasterPlaylist.m3u8?SessionToken=CiAsecret%2Fsecret~&x=1";
    log.error({ url, err: new Error(`GET ${url} failed`, { cause: new Error(url) }) }, `cannot read ${url}`);
    const text = lines.join("");
    assert.ok(text.includes("SessionToken=…"));
    assert.ok(!text.includes("secret"), text);
  });
}

const error = new HLSStreamError("the playlist could not be read: status 500", { code: "HTTP_STATUS", retryable: true });
const events: [event: SourceEvent, level: string, message: string][] = [
  [{ type: "state", state: "connected", previous: "connecting" }, "info", "connecting to connected"],
  [{ type: "state", state: "error", previous: "connecting" }, "debug", "connecting to error"],
  [{ type: "session", reason: "start", host: "host", expiresAt: TEST_TIME, clock: "producer" }, "info", "session at host until 2026-11-22T10:15:00.120Z"],
  [{ type: "session", reason: "refresh", host: "host", expiresAt: TEST_TIME, clock: "producer" }, "debug", "session at host until 2026-11-22T10:15:00.120Z"],
  [{ type: "reconnect", attempt: 2, delayMs: 5000, error }, "warn", "the playlist could not be read: status 500; trying again in 5s"],
  [{ type: "waiting", reason: "the camera sends nothing", sinceMs: TEST_TIME }, "info", "waiting since 2026-11-22T10:15:00.120Z: the camera sends nothing"],
  [{ type: "readError", error }, "debug", "the playlist could not be read: status 500"],
  [{ type: "readError", error: new DecoderError("ffmpeg ended with signal SIGKILL", { code: "FFMPEG_FAILED", retryable: true }) }, "warn", "ffmpeg ended with signal SIGKILL; decoding what it held anew"],
  [{ type: "readError", error: new DecoderError("cannot start ffmpeg", { code: "FFMPEG_NOT_FOUND" }) }, "debug", "cannot start ffmpeg"],
  [{ type: "decoder", codec: "avc1.640028", width: 1280, height: 720, restarts: 0 }, "info", "decoding avc1.640028, 1280x720"],
  [{ type: "fragment", number: "9", startMs: TEST_TIME, durationMs: 1000, bytes: 5, totalBytes: 5, frames: 30, decoded: 30 }, "debug", "fragment of 2026-11-22T10:15:00.120Z"],
  [{ type: "gap", fromMs: TEST_TIME, toMs: TEST_TIME + 1000, cause: "window" }, "warn", "no frames from 2026-11-22T10:15:00.120Z to 2026-11-22T10:15:01.120Z: the live window moved on before they were read"],
  [{ type: "frame", frame: testFrame() }, "trace", "frame of 2026-11-22T10:15:00.120Z"],
];
for (const [event, level, message] of events) {
  test(`the event ${event.type} is logged as ${level}: ${message}`, () => {
    const { lines, log } = logging("json");
    logEvent(log, event);
    assert.equal(lines.length, 1);
    const line = JSON.parse(lines[0] ?? "");
    assert.deepEqual([line.level, line.msg], [level, message]);
  });
}
