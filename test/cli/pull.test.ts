import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import sharp from "sharp";
import type { SourceEvent } from "../../src/core/events.js";
import { HLSStreamError } from "../../src/core/errors.js";
import { pull } from "../helpers/scripted-source.js";
import { TEST_TIME, temporaryDirectory, testFrame, testFrames } from "../helpers/test-frame.js";

test("every frame becomes an image and a record, in order, and the summary is last", async (context) => {
  const { exitCode, records, summary, out, source } = await pull(context, "", { steps: testFrames(25) });
  assert.equal(exitCode, 0);
  assert.deepEqual(await readdir(out), ["2026-11-22"]);
  const files = (await readdir(join(out, "2026-11-22"))).sort().map((file) => join("2026-11-22", file));
  assert.equal(files.length, 25);
  assert.equal(files[0], "2026-11-22/20261122T101500.120Z_0000.jpg");
  const frames = records.slice(0, -1);
  assert.deepEqual(frames.map(({ seq }) => seq), Array.from({ length: 25 }, (_, seq) => seq));
  assert.deepEqual(frames.map(({ path }) => path), files.map((file) => join(out, file)));
  for (const [index, file] of files.entries()) {
    const image = await readFile(join(out, file));
    assert.equal(frames[index]?.bytes, image.length);
    assert.equal((await sharp(image).metadata()).format, "jpeg");
  }
  assert.equal(records.at(-1), summary);
  assert.equal(summary?.ended, "end");
  assert.equal(summary.frames, 25);
  assert.equal(summary.fps, 10);
  assert.equal(summary.bytesWritten, frames.reduce((sum, { bytes }) => sum + Number(bytes), 0));
  assert.deepEqual([summary.lagStartMs, summary.lagEndMs], [frames[0]?.lagMs, frames.at(-1)?.lagMs]);
  assert.ok(source.isDisposed());
});

const formats: [flags: string, pixelFormat: string, extension: string][] = [
  ["", "rgb24", "jpg"],
  ["--format png", "rgb24", "png"],
  ["--format webp --quality 50", "rgb24", "webp"],
  ["--format raw", "bgr24", "raw"],
  ["--format raw --pixel-format gray8", "gray8", "raw"],
];
for (const [flags, pixelFormat, extension] of formats) {
  test(`pull ${flags} asks for ${pixelFormat} and writes .${extension}`, async (context) => {
    const { source, out } = await pull(context, flags, { steps: [testFrame()] });
    assert.equal(source.options[0]?.pixelFormat, pixelFormat);
    assert.deepEqual(await readdir(join(out, "2026-11-22")), [`20261122T101500.120Z_0000.${extension}`]);
  });
}

test("--out - writes the images' bytes and nothing else to stdout", async (context) => {
  const steps = [1, 2, 3].map((value) => testFrame({ data: Buffer.alloc(16 * 8 * 3, value), capturedAt: TEST_TIME + value }));
  const { stdout, exitCode } = await pull(context, "--format raw --out - --log-level trace", { steps });
  assert.equal(exitCode, 0);
  assert.deepEqual(stdout, Buffer.concat(steps.map(({ data }) => data)));
});

test("--manifest takes the records away from stdout", async (context) => {
  const manifest = join(await temporaryDirectory(context), "manifest.ndjson");
  const { stdout } = await pull(context, `--out - --format raw --manifest ${manifest}`, { steps: testFrames(2) });
  assert.equal(stdout.length, 2 * 16 * 8 * 3);
  const records = (await readFile(manifest, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(records.map(({ type, path }) => [type, path]), [["frame", null], ["frame", null], ["summary", undefined]]);
});

test("--no-images leaves the records", async (context) => {
  const { records, out, source } = await pull(context, "--no-images", { steps: testFrames(2) });
  assert.deepEqual(await readdir(out), []);
  assert.equal(source.options[0]?.pixelFormat, "yuv420p");
  assert.deepEqual(records.map(({ path, bytes }) => [path, bytes]).slice(0, 2), [[null, 0], [null, 0]]);
});

const error = new HLSStreamError("the playlist could not be read: status 500", { code: "HTTP_STATUS", retryable: true });
const EVENTS: SourceEvent[] = [
  { type: "session", reason: "start", host: "host", expiresAt: TEST_TIME, clock: "producer" },
  { type: "fragment", number: "1", startMs: TEST_TIME, durationMs: 1000, bytes: 1000, totalBytes: 1000, frames: 10, decoded: 10 },
  { type: "session", reason: "refresh", host: "host", expiresAt: TEST_TIME, clock: "producer" },
  { type: "gap", fromMs: TEST_TIME, toMs: TEST_TIME + 1000, cause: "window" },
  { type: "reconnect", attempt: 1, delayMs: 10, error },
  { type: "waiting", reason: "the camera sends nothing", sinceMs: 1000 },
];

test("what happens on the way is in the records, in the log and in the summary, whatever the log level", async (context) => {
  for (const [flags, isLogged] of [["", true], ["--quiet", false]] as const) {
    const { records, summary, stderr } = await pull(context, flags, { steps: testFrames(1), events: EVENTS });
    assert.deepEqual(records.map(({ type }) => type), ["session", "session", "gap", "reconnect", "waiting", "frame", "summary"]);
    const { fragments, bytesDownloaded, gaps, reconnects, urlRefreshes } = summary ?? {};
    assert.deepEqual({ fragments, bytesDownloaded, gaps, reconnects, urlRefreshes }, { fragments: 1, bytesDownloaded: 1000, gaps: 1, reconnects: 1, urlRefreshes: 1 });
    assert.equal(stderr.includes("the live window moved on"), isLogged);
  }
});

test("--log-format json makes every line of stderr an object", async (context) => {
  const { stderr } = await pull(context, "--log-format json --log-level trace", { steps: [...testFrames(2), error], events: EVENTS });
  const lines = stderr.trim().split("\n").map((line) => JSON.parse(line));
  assert.ok(lines.some(({ level, code }) => level === "error" && code === "HTTP_STATUS"));
});

test("the status line is drawn on a terminal, and nowhere else", async (context) => {
  const drawn = async (flags: string, stderrIsTty: boolean) => /front {2}/.test((await pull(context, flags, { steps: testFrames(2), stderrIsTty })).stderr);
  assert.equal(await drawn("", true), true);
  assert.equal(await drawn("", false), false);
  assert.equal(await drawn("--quiet", true), false);
  assert.equal(await drawn("--log-format json", true), false);
});

test("a person at a terminal sees where the pictures are and a status line; records there take its place", async (context) => {
  const manifest = join(await temporaryDirectory(context), "manifest.ndjson");
  for (const [flags, hasRecords] of [["", false], [`--manifest ${manifest}`, false], ["--manifest -", true], ["--no-images", true]] as const) {
    const stdout = Object.assign(new PassThrough(), { isTTY: true });
    const { stderr, stdout: written, out } = await pull(context, flags, { steps: testFrames(2), stderrIsTty: true, stdout });
    assert.equal(/front {2}/.test(stderr), !hasRecords, flags);
    assert.equal(stderr.includes(`writing pictures to ${out}\n`), !hasRecords, flags);
    assert.equal(written.includes('"type":"frame"'), hasRecords, flags);
  }
});

test("--manifest - and --out - are refused together", async (context) => {
  const { exitCode, stderr } = await pull(context, "--out - --manifest -", {});
  assert.equal(exitCode, 64);
  assert.match(stderr, /manifest - writes to stdout, as --out - does; drop one of them, or use --framed/);
});

test("warnings stay readable above the status line", async (context) => {
  const { stderr } = await pull(context, "", { steps: testFrames(2), events: EVENTS, stderrIsTty: true });
  assert.match(stderr, /WARN.*no frames from .* the live window moved on.*\n/);
});

test("no more than two frames are in hand, however slow the output is", async (context) => {
  let written = 0;
  let most = 0;
  const { PassThrough } = await import("node:stream");
  const stdout = new PassThrough({ transform: (chunk, _encoding, done) => setTimeout(() => { written++; done(null, chunk); }, 5) });
  function* counted() {
    for (const [index, frame] of testFrames(20).entries()) {
      most = Math.max(most, index - written);
      yield frame;
    }
  }
  await pull(context, "--no-images", { steps: counted(), stdout });
  assert.ok(most <= 2, `${most} frames were taken ahead`);
});

test("--metrics-port serves series and health while the run goes", async (context) => {
  const seen: Record<string, unknown> = {};
  let url: string | undefined;
  await pull(context, "--metrics-port 0", {
    steps: testFrames(2),
    isHealthy: false,
    onStderr: (text) => (url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]),
    beforeNext: async () => {
      seen.metrics = await (await fetch(`${url}/metrics`)).text();
      const ready = await fetch(`${url}/readyz`);
      seen.ready = [ready.status, ((await ready.json()) as { state: string }).state];
    },
  });
  assert.match(String(seen.metrics), /kvs_hls_frames_total\{camera_id="front"\} 1/);
  assert.deepEqual(seen.ready, [503, "connected"]);
  await assert.rejects(fetch(`${url}/livez`));
});
