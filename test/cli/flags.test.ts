import assert from "node:assert/strict";
import { duration } from "../../src/cli/flag-values.js";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { KvsHlsFrameSourceOptions } from "../../src/core/option-types.js";
import { resolveOptions } from "../../src/core/options.js";
import { pullCommand } from "../../src/cli/pull/command.js";
import { runCommandLine } from "../../src/cli/program.js";
import { pull, scriptedSource } from "../helpers/scripted-source.js";
import { temporaryDirectory, testFrames } from "../helpers/test-frame.js";

const ARN = "arn:aws:kinesisvideo:eu-west-1:123456789012:stream/front/1";

const good: [flags: string, expected: KvsHlsFrameSourceOptions][] = [
  ["--region eu-west-1", { region: "eu-west-1" }],
  ["--profile cameras", { profile: "cameras" }],
  ["--endpoint-url http://127.0.0.1:4566", { endpointUrl: "http://127.0.0.1:4566" }],
  ["--camera-id door", { cameraId: "door" }],
  ["--clock server", { clock: "server" }],
  ["--ffmpeg /opt/ffmpeg", { ffmpegPath: "/opt/ffmpeg" }],
  ["--timeout 500ms", { timeout: 0.5 }],
  ["--timeout 20", { timeout: 20 }],
  ["--target-fps 0.5", { targetFps: 0.5 }],
  ["--target-fps 1/60", { targetFps: 1 / 60 }],
  ["--start 1795342500 --end 2026-11-22T10:16:00Z --parallel 2", { start: 1_795_342_500_000, end: 1_795_342_560_000, parallel: 2 }],
  ["--delivery complete", { delivery: "complete" }],
  ["--max-lag 2m", { maxLag: 120 }],
  ["--wait 0", { wait: 0 }],
  ["--wait 1.5h", { wait: 5400 }],
  ["--resize 1280x720", { resize: { width: 1280, height: 720 } }],
  ["--resize 1280x", { resize: { width: 1280 } }],
  ["--resize x720", { resize: { height: 720 } }],
  ["--hls-session-seconds 1h", { hlsSessionSeconds: 3600 }],
  ["--url-refresh-margin 45", { urlRefreshMargin: 45 }],
  ["--reconnect-delay 1s", { reconnectDelay: 1 }],
  ["--max-reconnect-delay 2m", { maxReconnectDelay: 120 }],
  ["--backoff-multiplier 1.5", { backoffMultiplier: 1.5 }],
  ["--max-consecutive-errors 3", { maxConsecutiveErrors: 3 }],
  ["--max-staleness 10s", { maxStaleness: 10 }],
  ["--format raw --pixel-format yuv420p", { pixelFormat: "yuv420p" }],
];
for (const [flags, expected] of good) {
  test(`${flags} reaches the source`, async (context) => {
    const { source, exitCode } = await pull(context, flags);
    assert.equal(exitCode, 0);
    const [options] = source.options;
    assert.deepEqual(options, { ...options, ...expected });
  });
}

const bad: [flags: string, message: string][] = [
  [`--stream-arn ${ARN}`, "give --stream-name or --stream-arn, not both"],
  ["--stream-arn nonsense", '--stream-arn must look like arn:aws:kinesisvideo:REGION:ACCOUNT:stream/NAME/NUMBER, got "nonsense"'],
  ["--region Europe", '--region must be a region such as eu-west-1, got "Europe"'],
  ["--endpoint-url ftp://host", '--endpoint-url must be a URL such as http://127.0.0.1:4566, got "ftp://host"'],
  ["--camera-id a/b", '--camera-id must be 1 to 256 characters without a slash, got "a/b"'],
  ["--clock wall", '--clock must be one of producer, server, got "wall"'],
  ["--timeout soon", '--timeout must be a time such as 500ms, 10s, 5m or 2h, got "soon"'],
  ["--timeout 0", "--timeout must be from 0.1 to 600 seconds, got 0"],
  ["--timeout -1s", '--timeout must be a time such as 500ms, 10s, 5m or 2h, got "-1s"'],
  ["--timeout 5parsecs", '--timeout must be a time such as 500ms, 10s, 5m or 2h, got "5parsecs"'],
  ["--target-fps 0", "--target-fps must be from 0.0001 to 1000, got 0"],
  ["--target-fps -1", "--target-fps must be from 0.0001 to 1000, got -1"],
  ["--target-fps fast", '--target-fps must be a number or a fraction such as 1/60, got "fast"'],
  ["--target-fps 1e999", '--target-fps must be a number or a fraction such as 1/60, got "1e999"'],
  ["--target-fps 1/0", '--target-fps must be a number or a fraction such as 1/60, got "1/0"'],
  ["--max-frames 0", '--max-frames must be a whole number from 1, got "0"'],
  ["--max-frames 1.5", '--max-frames must be a whole number from 1, got "1.5"'],
  ["--duration 0s", '--duration must be more than no time, got "0s"'],
  ["--delivery fast", '--delivery must be one of live, complete, got "fast"'],
  ["--max-lag 100ms", "--max-lag must be from 1 to 86400 seconds, got 0.1"],
  ["--filename ../{seq}", '--filename must stay inside the output directory, and "../{seq}" has a ".." or "." segment'],
  ["--filename {camara}", "--filename has an unknown placeholder {camara}; known are {camera} {seq} {fragment} {index} {ext}"],
  ["--format gif", '--format must be one of jpeg, png, webp, raw, y4m, got "gif"'],
  ["--quality 0", '--quality must be a whole number from 1 to 100, got "0"'],
  ["--quality 101", '--quality must be a whole number from 1 to 100, got "101"'],
  ["--quality 50 --format png", "--quality is for --format jpeg and webp only, got 50 with --format png"],
  ["--resize 1280", '--resize must be a size such as 1280x720, 1280x or x720, got "1280"'],
  ["--resize x", '--resize must be a size such as 1280x720, 1280x or x720, got "x"'],
  ["--resize 1x720", "--resize width must be from 2 to 16384, got 1"],
  ["--pixel-format gray8", '--pixel-format is for --format raw only, got "gray8" with --format jpeg'],
  ["--pixel-format rgb --format raw", '--pixel-format must be one of bgr24, rgb24, gray8, yuv420p, got "rgb"'],
  ["--no-images --out -", "--out - writes images, and --no-images leaves none to write; drop one of them"],
  ["--hls-session-seconds 60", "--hls-session-seconds must be from 300 to 43200 seconds, got 60"],
  ["--url-refresh-margin 5m", "--url-refresh-margin must be less than --hls-session-seconds (300), got 300"],
  ["--max-reconnect-delay 1s", "--max-reconnect-delay must be at least --reconnect-delay (5), got 1"],
  ["--backoff-multiplier 0.5", "--backoff-multiplier must be from 1 to 100, got 0.5"],
  ["--max-consecutive-errors 0", '--max-consecutive-errors must be a whole number from 1, got "0"'],
  ["--max-staleness 0", "--max-staleness must be from 0.1 to 86400 seconds, got 0"],
  ["--metrics-port 65536", '--metrics-port must be a whole number from 0 to 65535, got "65536"'],
  ["--log-level loud", '--log-level must be one of trace, debug, info, warn, error, fatal, silent, got "loud"'],
  ["--log-format xml", '--log-format must be one of text, json, got "xml"'],
  ["--config none.json", `--config file "none.json" cannot be read: ENOENT: no such file or directory, open 'none.json'`],
  ["--outt here", "unknown option '--outt' (did you mean --out?); see --help"],
  ["--region", "option '--region <region>' argument missing; see --help"],
  ["extra", "too many arguments for 'pull'; Expected 0 arguments but got 1; see --help"],
];
for (const [flags, message] of bad) {
  test(`${flags} is refused with 64`, async (context) => {
    const { exitCode, stderr, source } = await pull(context, flags);
    assert.equal(stderr, `kvs-frames: ${message}\n`);
    assert.deepEqual([exitCode, source.options.length], [64, 0]);
  });
}

async function pullWith(...argv: string[]) {
  const source = scriptedSource({ steps: testFrames(2) });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exitCode = await runCommandLine(["pull", ...argv], { env: {}, stdout, stderr, signal: new AbortController().signal, onHangUp: () => undefined, openSource: source.open });
  return { exitCode, options: source.options[0], message: String(stderr.read() ?? "") };
}

test("a stream is needed, and its ARN will do", async () => {
  const none = await pullWith();
  assert.deepEqual([none.exitCode, none.message], [64, "kvs-frames: --stream-name or --stream-arn is missing: which stream?\n"]);
  const { exitCode, options } = await pullWith("--stream-arn", ARN, "--no-images");
  assert.deepEqual([exitCode, options?.streamArn], [0, ARN]);
});

test("an empty value is refused by the flag's name", async () => {
  for (const flag of ["--stream-name", "--out", "--filename", "--manifest", "--config", "--metrics-host"]) {
    const { exitCode, message } = await pullWith("--stream-name", "front", flag, "");
    assert.deepEqual([exitCode, message], [64, `kvs-frames: ${flag} must be some text, got ""\n`]);
  }
});

test("binary data does not go to a terminal", async () => {
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  const stderr = new PassThrough();
  const exitCode = await runCommandLine(["pull", "--stream-name", "front", "--out", "-"], { env: {}, stdout, stderr, signal: new AbortController().signal, onHangUp: () => undefined, openSource: scriptedSource({}).open });
  assert.deepEqual([exitCode, String(stderr.read())], [64, "kvs-frames: --out - would write binary data to this terminal; send it to a pipe or a file\n"]);
});

test("the images go to frames/<camera-id> when nothing else is said, also of a stream that is called ..", async () => {
  const { planPull } = await import("../../src/cli/pull/plan.js");
  const flags = { format: "jpeg", filename: "{seq}", images: true, metricsHost: "127.0.0.1" } as const;
  const directoryOf = (streamName: string) => planPull({ ...flags, streamName }, { isTerminal: false }).images?.files?.directory;
  assert.deepEqual([directoryOf("front"), directoryOf("..")], [join("frames", "front"), join("frames", "_")]);
});

test("the defaults that --help names are those of the library", () => {
  const context = { env: {}, stdout: new PassThrough(), stderr: new PassThrough(), signal: new AbortController().signal, onHangUp: () => undefined, openSource: scriptedSource({}).open, end: () => undefined };
  const defaults: Record<string, unknown> = { ...resolveOptions({ streamName: "front" }) };
  const checked = pullCommand(context).options.filter((option) => {
    const stated = /\(default: ([\w.]+)\)$/.exec(option.description)?.[1];
    const value = defaults[option.attributeName()];
    if (stated === undefined || value === undefined) return false;
    assert.equal(option.parseArg?.(stated, undefined), value, option.long);
    return true;
  });
  assert.ok(checked.length >= 11, checked.map(({ long }) => long).join(" "));
});

test("a config file stands in for flags, in either spelling; flags win", async (context) => {
  const directory = await temporaryDirectory(context);
  const file = join(directory, "myConfig.json");
  await writeFile(file, JSON.stringify({ "stream-name": "front", targetFps: 5, "max-lag": "1m", timeout: 3, quiet: true, images: false, format: "png" }));
  const { exitCode, options, message } = await pullWith("--config", file, "--target-fps", "2", "--out", join(directory, "out"));
  assert.deepEqual([exitCode, message], [0, ""]);
  assert.deepEqual([options?.streamName, options?.targetFps, options?.maxLag, options?.timeout, options?.pixelFormat], ["front", 2, 60, 3, "yuv420p"]);
  await assert.rejects(readdir(join(directory, "out")));
});

const configs: [json: string, message: RegExp][] = [
  ['{"fps": 5}', /^kvs-frames: --config file ".*myConfig\.json" has an unknown key "fps"; keys are the long flags of pull --help\n$/],
  ['{"config": "x"}', /has an unknown key "config"/],
  ['{"target-fps": "fast"}', /^kvs-frames: --target-fps must be a number or a fraction such as 1\/60, got "fast"\n$/],
  ['{"target-fps": [5]}', /target-fps must be text or a number, got \[5\]/],
  ['{"quiet": "yes"}', /quiet must be true or false, got "yes"/],
  ['{"no-images": 1}', /no-images must be true or false, got 1/],
  ["[]", /must hold a JSON object/],
  ["null", /must hold a JSON object/],
  ["{", /is not JSON: /],
];
for (const [json, message] of configs) {
  test(`the config ${json} is refused with 64`, async (context) => {
    const file = join(await temporaryDirectory(context), "myConfig.json");
    await writeFile(file, json);
    const result = await pullWith("--stream-name", "front", "--config", file);
    assert.equal(result.exitCode, 64);
    assert.match(result.message, message);
    assert.ok(!/ at .*\.[jt]s:/.test(result.message));
  });
}

test('"no-images" in a config means what the flag means', async (context) => {
  const directory = await temporaryDirectory(context);
  for (const [value, pixelFormat] of [[true, "yuv420p"], [false, "rgb24"]] as const) {
    const file = join(directory, "config.json");
    await writeFile(file, JSON.stringify({ "no-images": value, "stream-name": "front", out: directory }));
    assert.equal((await pullWith("--config", file)).options?.pixelFormat, pixelFormat);
  }
});

test("a time that is empty or endless is refused like any other that is none", () => {
  for (const given of ["", "9".repeat(101) + "x"]) assert.throws(() => duration("wait")(given), /wait must be a time such as 500ms, 10s, 5m or 2h/);
});
