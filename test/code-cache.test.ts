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

/** @param settings of where it is, and as whom it runs */
function start(settings: string | { readonly env: NodeJS.ProcessEnv; readonly uid?: number }, ...argv: string[]): { status: number | null; stdout: string; stderr: string } {
  const { env, uid } = typeof settings === "string" ? { env: { HOME: settings }, uid: undefined } : settings;
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...argv], { encoding: "utf8", cwd: "/", uid, env: { PATH: process.env.PATH, ...env } });
  return { status, stdout, stderr };
}

const isVersion = ({ status, stdout, stderr }: ReturnType<typeof start>): void => {
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
};

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
      isVersion(start(home, "--version"));
      await chmod(home, 0o700);
    });
  }

  test("is where XDG_CACHE_HOME says, and nowhere for a user without a home", { skip: major >= 22 && "Node.js has a cache of its own" }, async (context) => {
    const base = await temporaryDirectory(context);
    isVersion(start({ env: { HOME: "/nowhere", XDG_CACHE_HOME: base } }, "--version"));
    assert.equal((await readdir(join(base, "kvs-frames"))).length, 1);
    isVersion(start({ env: { HOME: "" } }, "--version"));
    isVersion(start({ env: { XDG_CACHE_HOME: "relative" } }, "--version"));
    assert.deepEqual((await readdir("/")).filter((name) => name === "relative" || name === ".cache"), []);
  });

  test("is not used where others can write, nor looked for where nothing can be made", async (context) => {
    const home = await temporaryDirectory(context);
    const directory = join(home, ".cache/kvs-frames");
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o777);
    isVersion(start(home, "--version"));
    assert.deepEqual(await readdir(directory), []);
    isVersion(start("/proc/nothing", "--version"));
  });

  test("is not asked of a user that the system does not know", { skip: process.getuid?.() !== 0 && "only root can become one" }, (context) => {
    if (spawnSync("test", ["-r", BIN], { uid: 54_321 }).status !== 0) return context.skip("only root may read this place");
    isVersion(start({ env: {}, uid: 54_321 }, "--version"));
  });

  test("is not used for a script that has changed, even where its length has not, nor when it is damaged", async (context) => {
    const directory = await temporaryDirectory(context);
    const [script, cache] = [join(directory, "script.cjs"), join(directory, "cache")];
    const run = (): string => {
      const program = `const { requireCached } = await import(${JSON.stringify(LOADER)}); console.log(requireCached(${JSON.stringify(script)}, ${JSON.stringify(cache)}, "any").answer());`;
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
      assert.equal(stderr, "");
      return stdout.trim();
    };
    await mkdir(cache);
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
    const flipped = await readFile(join(cache, name!));
    flipped[flipped.length >> 1]! ^= 0xff;
    await writeFile(join(cache, name!), flipped);
    assert.equal(run(), "42");
    assert.notDeepEqual(await readFile(join(cache, name!)), flipped, "the damaged file is replaced");
  });
});
