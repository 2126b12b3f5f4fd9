import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, test } from "node:test";
import { temporaryDirectory } from "./helpers/test-frame.js";

const BIN = fileURLToPath(new URL("../bin/kvs-frames.js", import.meta.url));
const LOADER = new URL("../bin/code-cache.js", import.meta.url).href;
const [major = 0] = process.versions.node.split(".").map(Number);

function start(home: string, ...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...argv], { encoding: "utf8", env: { ...process.env, HOME: home } });
  return { status, stdout, stderr };
}

describe("what V8 has compiled of the command line", () => {
  test("is kept where only its user can write, one file a command, and used by the next start", { skip: major >= 22 && "Node.js has a cache of its own" }, async (context) => {
    const home = await temporaryDirectory(context);
    const directory = join(home, ".cache/kvs-frames");
    const first = start(home, "pull", "--help");
    const [name, ...others] = await readdir(directory);
    assert.match(name ?? "", /^pull-[0-9a-f]{16}-v20\..*\.bin$/);
    assert.deepEqual(others, []);
    assert.deepEqual([(await stat(directory)).mode & 0o777, (await stat(join(directory, name!))).mode & 0o777], [0o700, 0o600]);

    const { mtimeMs } = await stat(join(directory, name!));
    assert.deepEqual(start(home, "pull", "--help"), first);
    assert.equal((await stat(join(directory, name!))).mtimeMs, mtimeMs, "it was written again");
    start(home, "probe", "--help");
    assert.equal((await readdir(directory)).length, 2);
  });

  for (const [what, prepare] of [
    ["a home that cannot be written to", (home: string) => chmod(home, 0o500)],
    ["a file where the directory should be", async (home: string) => {
      await mkdir(join(home, ".cache"));
      await writeFile(join(home, ".cache/kvs-frames"), "");
    }],
  ] as const) {
    test(`is done without, with ${what}`, async (context) => {
      const home = await temporaryDirectory(context);
      await prepare(home);
      const { status, stdout, stderr } = start(home, "--version");
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
      await chmod(home, 0o700);
    });
  }

  test("is not used for a script that has changed, even where its length has not, nor when it is damaged", async (context) => {
    const directory = await temporaryDirectory(context);
    const [script, cache] = [join(directory, "script.cjs"), join(directory, "cache")];
    const run = (): string => {
      const program = `const { requireCached } = await import(${JSON.stringify(LOADER)}); console.log(requireCached(${JSON.stringify(script)}, ${JSON.stringify(cache)}, "any").answer());`;
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
      assert.equal(stderr, "");
      return stdout.trim();
    };
    await writeFile(script, "exports.answer = () => 41;");
    assert.deepEqual([run(), run()], ["41", "41"]);
    await writeFile(script, "exports.answer = () => 42;");
    assert.deepEqual([run(), run()], ["42", "42"]);
    const [name, ...others] = await readdir(cache);
    assert.deepEqual(others, [], "that of the script before is gone");
    const kept = await readFile(join(cache, name!));
    await writeFile(join(cache, name!), kept.subarray(0, kept.length / 2));
    assert.equal(run(), "42");
    assert.ok((await readFile(join(cache, name!))).length > kept.length / 2, "it was made anew");
  });
});
