import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { promisify } from "node:util";
import type { CodedPictures } from "../../src/core/picture.js";
import { decode, type Decoded, type DecodeOptions } from "../../src/decoder/decoder.js";
import { makeClip, type Clip } from "../helpers/clip.js";
import { asInput, decodeOptions, picturesOf, WAYS, waitingAfter } from "../helpers/decoding.js";

const run = promisify(execFile);
const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");
const namesOf = (fragments: number, indexes: number): string[] => Array.from({ length: fragments * indexes }, (_, at) => `${Math.floor(at / indexes)}.${at % indexes}`);

async function collect(input: AsyncIterable<CodedPictures<string>>, options: DecodeOptions<string>, into: Decoded<string>[] = []): Promise<Decoded<string>[]> {
  for await (const decoded of decode(input, options)) into.push(decoded);
  return into;
}

/** MD5 of each picture of the original file as grey pixels, in order. */
async function originals(clip: Clip): Promise<string[]> {
  const running = run("ffmpeg", ["-v", "error", "-ignore_editlist", "1", "-f", "mp4", "-i", "pipe:0", "-fps_mode", "passthrough", "-vf", "scale=64:48,format=gray", "-f", "framemd5", "-"]);
  running.child.stdin?.end(clip.whole);
  return (await running).stdout.split("\n").filter((line) => /^\d/.test(line)).map((line) => line.split(",").at(-1)?.trim() ?? "");
}

for (const [way, openFfmpeg] of Object.entries(WAYS)) describe(`a decoder (${way})`, async () => {
  const plain = await makeClip({ frames: 30 });
  const reordered = await makeClip({ frames: 30, bFrames: 3 });
  const h265 = await makeClip({ codec: "libx265", frames: 30, bFrames: 3 });

  for (const [name, clip] of [["H.264", plain], ["H.264 with B-frames", reordered], ["H.265 with B-frames", h265]] as const) {
    test(`gives every picture of ${name}, under its own name, with the pixels of the original`, async () => {
      await using ffmpeg = await openFfmpeg();
      const lost: string[] = [];
      const decoded = await collect(asInput(picturesOf(clip)), decodeOptions(clip, ffmpeg, lost));
      assert.deepEqual(decoded.map(({ value }) => value), namesOf(3, 10));
      assert.deepEqual(decoded.map(({ data }) => md5(data)), await originals(clip));
      assert.deepEqual(lost, []);
      await ffmpeg.assertGone();
    });
  }

  test("gives only the pictures that are wanted, and those of the right pixels", async () => {
    await using ffmpeg = await openFfmpeg();
    const wanted = ["0.3", "1.0", "1.9", "2.4"];
    const decoded = await collect(asInput(picturesOf(reordered, (name) => wanted.includes(name))), decodeOptions(reordered, ffmpeg));
    const all = await originals(reordered);
    assert.deepEqual(decoded.map(({ value }) => value), wanted);
    assert.deepEqual(decoded.map(({ data }) => md5(data)), [3, 10, 19, 24].map((at) => all[at]));
  });

  test("gives nothing, and no error, when nothing is wanted or nothing comes", async () => {
    await using ffmpeg = await openFfmpeg();
    assert.deepEqual(await collect(asInput(picturesOf(plain, () => false)), decodeOptions(plain, ffmpeg)), []);
  });

  test("gives the pictures of a stream that pauses without waiting for the next fragment", async () => {
    await using ffmpeg = await openFfmpeg();
    const options = decodeOptions(plain, ffmpeg);
    const names: string[] = [];
    for await (const { value } of decode(waitingAfter(picturesOf(plain), options.controller.signal), options)) {
      names.push(value);
      if (value === "2.9") break;
    }
    assert.deepEqual(names, namesOf(3, 10));
    await ffmpeg.assertGone();
  });

  test("is left early: it releases its input and leaves no process", async () => {
    await using ffmpeg = await openFfmpeg();
    const options = decodeOptions(plain, ffmpeg);
    const pictures = decode(waitingAfter(picturesOf(plain), options.controller.signal), options);
    assert.equal((await pictures.next()).done, false);
    const startedAt = performance.now();
    await pictures.return(undefined);
    assert.ok(performance.now() - startedAt < 4000);
    assert.ok(options.controller.signal.aborted);
    await ffmpeg.assertGone();
  });

  test("is aborted: it rejects with the reason and leaves no process", async () => {
    await using ffmpeg = await openFfmpeg();
    const options = decodeOptions(plain, ffmpeg);
    const reason = new Error("enough");
    const pictures = decode(waitingAfter([...picturesOf(plain)].slice(0, 1), options.controller.signal), options);
    await pictures.next();
    setTimeout(() => options.controller.abort(reason), 100);
    const rest = (async () => {
      while (!(await pictures.next()).done);
    })();
    await assert.rejects(rest, (error) => error === reason);
    await ffmpeg.assertGone();
  });

  test("whose input fails gives what came before the failure, and then the failure", async () => {
    await using ffmpeg = await openFfmpeg();
    const failure = new Error("the connection was lost");
    const failing = async function* (): AsyncGenerator<CodedPictures<string>> {
      yield* [...picturesOf(plain)].slice(0, 2);
      throw failure;
    };
    const into: Decoded<string>[] = [];
    await assert.rejects(collect(failing(), decodeOptions(plain, ffmpeg), into), (error) => error === failure);
    assert.deepEqual(into.map(({ value }) => value), namesOf(2, 10));
    await ffmpeg.assertGone();
  });

  test("reports pictures that cannot be decoded, and goes on with the next fragment", async () => {
    await using ffmpeg = await openFfmpeg();
    const [first, second, third] = [...picturesOf(plain)] as [CodedPictures<string>, CodedPictures<string>, CodedPictures<string>];
    const [moof, mdat, ...samples] = second.bytes;
    const broken = { ...second, bytes: [moof, mdat, ...samples.map((bytes) => Buffer.alloc(bytes.length, 0xff))] as Buffer[] };
    const lost: string[] = [];
    const decoded = await collect(asInput([first, broken, third]), decodeOptions(plain, ffmpeg, lost));
    assert.deepEqual(decoded.map(({ value }) => value), namesOf(3, 10).filter((name) => !name.startsWith("1.")));
    assert.deepEqual(lost, namesOf(2, 10).slice(10));
  });
});
