import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { DecoderError } from "../../src/core/errors.js";
import { locateFfmpeg } from "../../src/decoder/locate.js";

const folder = await mkdtemp(join(tmpdir(), "locate-"));
after(() => rm(folder, { recursive: true }));

/** A program that runs these shell commands. */
async function program(name: string, commands: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${commands}\n`);
  await chmod(path, 0o755);
  return path;
}

const answering = (name: string): Promise<string> => program(name, `echo "ffmpeg version ${name} Copyright"; echo built with love`);

async function refused(given: string | undefined, env: Record<string, string>, ...words: RegExp[]): Promise<void> {
  const error = await locateFfmpeg(given, env).then(({ path }) => assert.fail(`it took ${path}`), (reason: unknown) => reason);
  assert.ok(error instanceof DecoderError && error.code === "FFMPEG_NOT_FOUND" && !error.retryable, String(error));
  for (const word of words) assert.match(error.message, word);
}

describe("ffmpeg", { concurrency: true }, async () => {
  const [given, ours, common] = await Promise.all([answering("given"), answering("ours"), answering("common")]);
  await answering("path/ffmpeg");
  const path = join(folder, "path");
  const other = await program("other", 'echo "avconv version 12"');
  const failing = await program("failing", "exit 3");
  const silent = await program("silent", "exec sleep 60");

  test("is the path given, then KVS_FRAMES_FFMPEG, then FFMPEG_BIN, then the one on PATH", async () => {
    const env = { KVS_FRAMES_FFMPEG: ours, FFMPEG_BIN: common, PATH: path };
    assert.equal((await locateFfmpeg(given, env)).path, given);
    assert.equal((await locateFfmpeg(undefined, env)).path, ours);
    assert.equal((await locateFfmpeg(undefined, { FFMPEG_BIN: common, PATH: path })).path, common);
    assert.equal((await locateFfmpeg(undefined, { KVS_FRAMES_FFMPEG: "", PATH: path })).version, "ffmpeg version path/ffmpeg Copyright");
  });

  test("tells its version in one line, and runs without credentials", async () => {
    const found = await locateFfmpeg(given, { PATH: path, AWS_SECRET_ACCESS_KEY: "secret", AWS_SESSION_TOKEN: "secret", LANG: "C" });
    assert.equal(found.version, "ffmpeg version given Copyright");
    assert.deepEqual(found.env, { PATH: path, LANG: "C" });
  });

  test("that was named but is broken is an error that names it, not a reason to look further", async () => {
    await refused("/no/such/ffmpeg", { PATH: path }, /cannot run "\/no\/such\/ffmpeg" \(from --ffmpeg\) as ffmpeg: no such file/, /ffmpeg 5\.1 or newer/);
    await refused(undefined, { KVS_FRAMES_FFMPEG: other, PATH: path }, /other" \(from KVS_FRAMES_FFMPEG\)/, /it answers -version with "avconv version 12"/);
    await refused(undefined, { FFMPEG_BIN: failing, PATH: path }, /failing" \(from FFMPEG_BIN\)/, /-version ended with exit code 3/);
    await refused(folder, { PATH: path }, /it may not be executed/);
  });

  test("that does not answer is left at once when the signal says so", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 100);
    const startedAt = performance.now();
    await assert.rejects(locateFfmpeg(silent, { PATH: process.env["PATH"] ?? "" }, controller.signal), (error) => error === reason);
    assert.ok(performance.now() - startedAt < 5000);
  });

  test("must be 5.1 or newer, as far as its version tells", async () => {
    for (const version of ["4.4.2-0ubuntu0.22.04.1", "n5.0.3", "2.8"]) await refused(await answering(version), {}, new RegExp(`it is "ffmpeg version ${version}"`));
    for (const version of ["5.1.9-0+deb12u1", "n7.1", "10.0", "N-109468-gd39b34123d"]) await locateFfmpeg(await answering(version), {});
  });

  test("that does not answer is given up", async () => {
    const startedAt = performance.now();
    await refused(silent, { PATH: process.env["PATH"] ?? "" }, /no answer to -version within 10 s/);
    assert.ok(performance.now() - startedAt < 20_000);
  });

  test("that is nowhere is an error that says how to get one", async () => {
    await refused(undefined, { PATH: join(folder, "nothing") }, /cannot find ffmpeg/, /apt-get install ffmpeg/, /--ffmpeg/);
  });
});
