import assert from "node:assert/strict";
import { watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { test, type TestContext } from "node:test";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { Command } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { seeded } from "../helpers/random.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

/** More of them: KILLS=100. The same moments again: SEED=17. */
const KILLS = Number(process.env.KILLS ?? 12);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6));
/** A run takes about so long from its start to its end, milliseconds. */
const RUN_MS = 900;

const emulated = new Emulated({ limits: false, cameras: [parseCamera("front=testsrc,size=320x180,fps=10,fragment=1,loop=4")] });

/** A picture of some megabytes takes its time to be written. */
const start = (context: TestContext, path: string): Promise<Command> =>
  Command.start(context, ["snapshot", "--endpoint-url", emulated.emulator.url, "--stream-name", "front", "--out", path, "--resize", "3840x2160", "--format", "png", "--latest-link", `${path}.latest`]);

/** Resolves with the first file that appears or changes in the directory, or when the command has ended. */
async function writingIn(directory: string, command: Command): Promise<void> {
  const controller = new AbortController();
  const changed = new Promise<void>((resolve) => watch(directory, { signal: controller.signal }, () => resolve()));
  await Promise.race([changed, command.ended]);
  controller.abort();
}

test(`killed at ${KILLS} moments, half of them while it writes, the file is always a whole picture`, async (context) => {
  const directory = await temporaryDirectory(context);
  const path = join(directory, "front.png");
  assert.equal((await (await start(context, path)).ended).code, 0);
  const random = seeded(SEED);
  let killed = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const command = await start(context, path);
    if (kill % 2 === 0) await sleep(random(RUN_MS));
    else await writingIn(directory, command).then(() => sleep(random(3)));
    command.child.kill("SIGKILL");
    if ((await command.ended).code === null) killed += 1;
    for (const file of [path, `${path}.latest`]) {
      const { channels } = await sharp(await readFile(file)).stats(); // which decodes all of it
      assert.equal(channels.length, 3, `SEED=${SEED}, kill ${kill}`);
    }
  }
  const left = (await readdir(directory)).filter((name) => name.startsWith("."));
  context.diagnostic(`SEED=${SEED}: ${killed} of ${KILLS} were killed before their end, ${left.length} of them in the midst of writing`);
  assert.ok(left.length > 0, "some were killed in the midst of writing");
});
