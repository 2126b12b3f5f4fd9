import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, recordsOf, type Json } from "../helpers/command.js";
import { readCounter } from "../helpers/counter.js";
import { Emulated } from "../helpers/emulated.js";
import { picturesIn } from "../helpers/pictures.js";
import { descendants, type ProcessFacts } from "../helpers/processes.js";

const WIDTH = 320;
const HEIGHT = 180;
const emulated = new Emulated({ limits: false, cameras: [parseCamera(`front=testsrc,size=${WIDTH}x${HEIGHT},fps=25,loop=20`), parseCamera("silent=testsrc,size=64x36,loop=2")] });

const pull = (context: TestContext, ...flags: string[]): Promise<Command> =>
  Command.start(context, ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", ...flags]);

const framesIn = (records: readonly Json[]): Json[] => records.filter(({ type }) => type === "frame");

/** None missing, none twice, none out of order, by their own account and by the camera's. */
function assertInARow(frames: readonly Json[]): void {
  const times = frames.map(({ capturedAtMs }) => Number(capturedAtMs));
  assert.deepEqual(frames.map(({ seq }) => seq), frames.map((_, index) => index));
  assert.deepEqual(times, times.map((_, index) => (times[0] ?? 0) + index * 40));
}

describe("a pull that is stopped", { concurrency: 4 }, () => {
  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`by ${signal} leaves whole files, one for each record, and no process, and gives ${exitCode}`, async (context) => {
      const command = await pull(context, "--out", "frames");
      await command.records("frame", 60);
      assert.match((await descendants(command))[0]?.command ?? "", /ffmpeg/);
      command.child.kill(signal);
      const stoppedAt = performance.now();
      const { code, stdout, stderr } = await command.ended;
      assert.equal(code, exitCode, stderr);
      assert.ok(performance.now() - stoppedAt < 2000);
      assert.doesNotMatch(stderr, /WARN|ERROR/);
      assert.deepEqual(await descendants(command), []);
      const records = recordsOf(stdout);
      const frames = framesIn(records);
      const { type, ended, exitCode: told, frames: count, error } = records.at(-1) ?? {};
      assert.deepEqual({ type, ended, told, count, error }, { type: "summary", ended: "signal", told: exitCode, count: frames.length, error: undefined });
      assertInARow(frames);
      assert.deepEqual((await picturesIn(join(command.directory, "frames"))).map((file) => join("frames", file)), frames.map(({ path }) => path));
      const numbers: number[] = [];
      for (const { path, bytes } of frames) {
        const file = await readFile(join(command.directory, String(path)));
        assert.equal(file.length, bytes);
        const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
        numbers.push(readCounter(data, info.width, info.height, info.channels));
      }
      assertCounting(numbers);
    });
  }

  test("while nobody reads its records is asked twice, and then leaves at once", async (context) => {
    // A pipe holds less than one raw frame.
    const command = await Command.shell(context, `kvs-frames pull --endpoint-url ${emulated.emulator.url} --stream-name front --quiet --out - --format raw | sleep 60`);
    const find = async (words: string): Promise<ProcessFacts | undefined> => (await descendants(command)).find((each) => each.command.includes(words));
    const tool = await waitFor(() => find("pull"));
    await waitFor(() => find("rawvideo"));
    await sleep(1000);
    process.kill(tool.pid, "SIGINT");
    await sleep(500);
    assert.ok(await find("pull"), "the frame in hand has nowhere to go yet");
    process.kill(tool.pid, "SIGINT");
    await waitFor(async () => (await find("pull")) === undefined || undefined, 1000);
    await waitFor(async () => (await find("rawvideo")) === undefined || undefined, 2000);
  });

  for (const [signal, exitCode] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`by ${signal} while it connects to a server that never answers is gone promptly`, async (context) => {
      const mute = createServer().listen(0, "127.0.0.1");
      context.after(() => mute.close());
      await once(mute, "listening");
      const command = await Command.start(context, ["pull", "--endpoint-url", `http://127.0.0.1:${(mute.address() as AddressInfo).port}`, "--stream-name", "front"]);
      await once(mute, "connection");
      await sleep(200);
      command.child.kill(signal);
      const stoppedAt = performance.now();
      const { code, stdout } = await command.ended;
      assert.ok(performance.now() - stoppedAt < 2000);
      assert.equal(code, exitCode);
      assert.deepEqual(recordsOf(stdout).map(({ type, ended, exitCode: told }) => [type, ended, told]), [["summary", "signal", exitCode]]);
    });
  }

  for (const { state, record, flags } of [
    { state: "between two tries", record: "reconnect", flags: () => ["--endpoint-url", "http://127.0.0.1:9", "--stream-name", "front", "--reconnect-delay", "50s"] },
    { state: "while it waits for a camera that is off", record: "waiting", flags: () => ["--endpoint-url", emulated.emulator.url, "--stream-name", "silent"] },
  ]) {
    test(`by SIGINT ${state} does not wait on`, async (context) => {
      emulated.camera("silent").setOnline(false, Date.now() - 40_000);
      const command = await Command.start(context, ["pull", ...flags()]);
      await command.records(record);
      command.child.kill("SIGINT");
      const stoppedAt = performance.now();
      const { code, stdout, stderr } = await command.ended;
      assert.equal(code, 130, stderr);
      assert.ok(performance.now() - stoppedAt < 1000);
      assert.equal(recordsOf(stdout).at(-1)?.ended, "signal");
      assert.doesNotMatch(stderr, /ERROR/);
    });
  }

  test("by SIGKILL takes its ffmpeg along within two seconds", async (context) => {
    const command = await pull(context, "--no-images");
    await command.records("frame", 5);
    assert.equal((await descendants(command)).length, 1);
    command.child.kill("SIGKILL");
    await waitFor(async () => (await descendants(command)).length === 0 || undefined, 2000);
  });

  test("for a while by its reader loses and spoils nothing", async (context) => {
    const command = await pull(context, "--out", "-", "--format", "raw", "--manifest", "frames.ndjson", "--duration", "10s");
    const { stdout } = command.child;
    assert.ok(stdout);
    await once(stdout, "data");
    stdout.pause();
    await sleep(4000);
    stdout.resume();
    const result = await command.ended;
    assert.equal(result.code, 0, result.stderr);
    const records = recordsOf(await readFile(join(command.directory, "frames.ndjson")));
    const frames = framesIn(records);
    assert.equal(frames.length, 250);
    assertInARow(frames);
    assert.ok(frames.some(({ lagMs }, index) => Number(lagMs) - Number(frames[index - 1]?.lagMs ?? lagMs) > 1000), "the pause was felt");
    const size = WIDTH * HEIGHT * 3;
    assert.equal(result.stdout.length, frames.length * size);
    assertCounting(frames.map((_, index) => readCounter(result.stdout.subarray(index * size, (index + 1) * size), WIDTH, HEIGHT, 3)));
  });
});

/** The camera's numbers grow by one, but for where its loop of 500 begins anew. */
function assertCounting(numbers: readonly number[]): void {
  assert.deepEqual(numbers, numbers.map((_, index) => ((numbers[0] ?? 0) + index) % 500));
}

/** What `look` finds, looking again and again. */
async function waitFor<T>(look: () => Promise<T | undefined>, withinMs = 10_000): Promise<T> {
  for (const endAt = performance.now() + withinMs; performance.now() < endAt; await sleep(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`it did not come within ${withinMs} ms`);
}
