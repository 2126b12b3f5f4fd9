import assert from "node:assert/strict";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type Json } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { Link } from "../helpers/link.js";
import { descendants } from "../helpers/processes.js";

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180,fps=10,fragment=1,loop=10")] });
/** As a service of years would, in seconds. */
const QUICK = ["--reconnect-delay", "0.05s", "--max-reconnect-delay", "0.1s", "--timeout", "2s"];

const pull = (context: TestContext, url: string, ...flags: string[]): Promise<Command> => Command.start(context, ["pull", "--endpoint-url", url, "--stream-name", "front", ...flags]);

const timesOf = (records: readonly Json[]): number[] => records.flatMap(({ type, capturedAtMs }) => (type === "frame" ? [Number(capturedAtMs)] : []));

/** Each frame once, none missing. */
function assertInARow(times: readonly number[]): void {
  assert.deepEqual(times, times.map((_, at) => (times[0] ?? 0) + at * 100));
}

describe("services: a live pull outlives the network", { concurrency: 3 }, () => {
  test("that is down when it starts", async (context) => {
    await using link = new Link(emulated.emulator.url);
    await link.down();
    const command = await pull(context, link.url, "--no-images", "--quiet", ...QUICK);
    // An address that never answered is given up after three failures where there is an end.
    await command.records("reconnect", 12);
    await link.up();
    await command.records("frame", 5);
  });

  test("and an outage of far more failures than a bounded one allows, without a loss", async (context) => {
    await using link = new Link(emulated.emulator.url);
    await link.up();
    const command = await pull(context, link.url, "--no-images", "--quiet", "--delivery", "complete", ...QUICK);
    await command.records("frame", 5);
    await link.down();
    await command.records("reconnect", 12);
    await link.up();
    const before = timesOf(recordsOf(command.stdout)).length;
    await command.records("frame", before + 40);
    assertInARow(timesOf(recordsOf(command.stdout)));
  });

  for (const flags of [["--max-frames", "5"], ["--duration", "5s"], ["--retry", "bounded"], ["--max-consecutive-errors", "3"]]) {
    test(`but not with ${flags.join(" ")}`, async (context) => {
      await using link = new Link(emulated.emulator.url);
      await link.down();
      const { code } = await (await pull(context, link.url, "--no-images", "--quiet", ...QUICK, ...flags)).ended;
      assert.equal(code, 75);
    });
  }

  test("--retry forever has no number of failures", async (context) => {
    const { code, stderr } = await kvsFrames(context, ["pull", "--stream-name", "front", "--retry", "forever", "--max-consecutive-errors", "3"]);
    assert.deepEqual([code, stderr], [64, "kvs-frames: --max-consecutive-errors is for --retry bounded, got 3 with --retry forever\n"]);
  });
});

/** Until its program is there to listen, a signal does what it does to any process. */
async function listens({ child }: Command): Promise<boolean> {
  const [, caught = "0"] = /^SigCgt:\s*(\S+)/m.exec(await readFile(`/proc/${child.pid}/status`, "utf8")) ?? [];
  return (BigInt(`0x${caught}`) & 1n) === 1n; // SIGHUP
}

describe("services: signals", { concurrency: 4, skip: process.platform !== "linux" }, () => {
  test("SIGHUP goes on in a new manifest where the old one was moved, and loses no record", async (context) => {
    const command = await pull(context, emulated.emulator.url, "--no-images", "--quiet", "--manifest", "frames.ndjson");
    const [file, moved] = [join(command.directory, "frames.ndjson"), join(command.directory, "frames.ndjson.1")];
    const framesIn = async (path: string): Promise<number> => timesOf(recordsOf(await readFile(path).catch(() => Buffer.alloc(0)))).length;
    while ((await framesIn(file)) < 10) await sleep(50);
    await rename(file, moved);
    command.child.kill("SIGHUP");
    while ((await framesIn(file)) < 10) await sleep(50);
    command.child.kill("SIGTERM");
    assert.equal((await command.ended).code, 143);
    const all = [...recordsOf(await readFile(moved)), ...recordsOf(await readFile(file))];
    assertInARow(timesOf(all));
    assert.deepEqual([all[0]?.type, all.at(-1)?.type], ["session", "summary"]);
  });

  test("SIGHUP, SIGUSR1 and SIGUSR2 end nothing and lose nothing", async (context) => {
    const command = await pull(context, emulated.emulator.url, "--no-images", "--delivery", "complete", "--max-frames", "60");
    for (let sent = 0; sent < 10; sent++) {
      await command.records("frame", 1 + sent * 5);
      for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) command.child.kill(signal);
    }
    const { code, stdout, stderr } = await command.ended;
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /debugger/i);
    const times = timesOf(recordsOf(stdout));
    assert.equal(times.length, 60);
    assertInARow(times);
  });

  for (const command of [["probe"], ["snapshot", "--out", "-", "--timeout", "60s"], ["timeline", "--start", "-10s"]]) {
    test(`SIGHUP, SIGUSR1 and SIGUSR2 do not end ${command[0]}`, async (context) => {
      const running = await Command.start(context, [...command, "--endpoint-url", emulated.emulator.url, "--stream-name", "front"]);
      while (!(await listens(running))) await sleep(20);
      for (const signal of ["SIGHUP", "SIGUSR1", "SIGUSR2"] as const) running.child.kill(signal);
      const { code, stderr } = await running.ended;
      assert.equal(code, 0, stderr);
    });
  }

  test("SIGTERM ends a pull whose records and pixels nobody reads within five seconds", async (context) => {
    const command = await Command.shell(context, `kvs-frames pull --endpoint-url ${emulated.emulator.url} --stream-name front --quiet --resize 1920x1080 --out - --format raw | sleep 30`);
    const find = async () => (await descendants(command)).find((each) => each.command.includes("pull"));
    let tool = await find();
    while (tool === undefined) {
      await sleep(50);
      tool = await find();
    }
    await sleep(3000);
    const stoppedAt = performance.now();
    process.kill(tool.pid, "SIGTERM");
    while (await find()) await sleep(50);
    assert.ok(performance.now() - stoppedAt < 5000);
    while ((await descendants(command)).some((each) => each.command.includes("rawvideo"))) {
      assert.ok(performance.now() - stoppedAt < 7000, "ffmpeg stays");
      await sleep(50);
    }
  });
});

test("services: a manifest that exists is added to, never emptied", async (context) => {
  const command = await Command.shell(context, `echo '{"type":"older"}' > frames.ndjson; kvs-frames pull --endpoint-url ${emulated.emulator.url} --stream-name front --quiet --no-images --max-frames 3 --manifest frames.ndjson`);
  const { code, stderr } = await command.ended;
  assert.equal(code, 0, stderr);
  const records = recordsOf(await readFile(join(command.directory, "frames.ndjson")));
  assert.deepEqual([records[0]?.type, records.at(-1)?.type, timesOf(records).length], ["older", "summary", 3]);
});

test("services: SIGHUP goes on in a new log file where the old one was moved", { skip: process.platform !== "linux" }, async (context) => {
  const command = await pull(context, emulated.emulator.url, "--no-images", "--log-file", "pull.log", "--log-format", "json");
  await command.records("frame", 5);
  await rename(join(command.directory, "pull.log"), join(command.directory, "pull.log.1"));
  command.child.kill("SIGHUP");
  await command.records("frame", 10);
  command.child.kill("SIGTERM");
  const { stderr } = await command.ended;
  assert.equal(stderr, "");
  assert.match(await readFile(join(command.directory, "pull.log.1"), "utf8"), /"level":"info"/);
  assert.match(await readFile(join(command.directory, "pull.log"), "utf8"), /"msg":"finished"/);
});

test("services: SIGHUP where the files cannot be opened again goes on in the old ones", { skip: process.platform !== "linux" }, async (context) => {
  const flags = ["--manifest", "logs/frames.ndjson", "--log-file", "logs/pull.log"].join(" ");
  const script = `mkdir logs; exec "$NODE" "$BINARY" pull --endpoint-url ${emulated.emulator.url} --stream-name front --no-images ${flags}`;
  const command = await Command.shell(context, script);
  const [logs, moved] = [join(command.directory, "logs"), join(command.directory, "moved")];
  const frames = async (path: string): Promise<number> => timesOf(recordsOf(await readFile(join(path, "frames.ndjson")).catch(() => Buffer.alloc(0)))).length;
  while ((await frames(logs)) < 5) await sleep(50);
  await rename(logs, moved);
  command.child.kill("SIGHUP");
  const before = await frames(moved);
  while ((await frames(moved)) < before + 10) await sleep(50);
  command.child.kill("SIGTERM");
  const { code, stderr } = await command.ended;
  assert.equal(code, 143);
  assert.match(stderr, /cannot write logs\/pull\.log: the directory does not exist .*; the log goes on in the old file\n/);
  assert.match(await readFile(join(moved, "pull.log"), "utf8"), /WARN: cannot write logs\/frames\.ndjson: .*; the manifest goes on in the old file/);
  assertInARow(timesOf(recordsOf(await readFile(join(moved, "frames.ndjson")))));
});
