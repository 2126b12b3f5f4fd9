import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CodedPictures } from "../../src/core/picture.js";
import { salvage } from "../../src/decoder/salvage.js";
import { makeClip } from "../helpers/clip.js";
import { asInput, picturesOf, recordedFfmpeg, WAYS } from "../helpers/decoding.js";
import { broken, changed, collect, garbage, namesOf, originals, poison, watch, type Watched } from "../helpers/salvaging.js";

describe("a fragment that", { concurrency: 2 }, async () => {
  const clip = await makeClip({ frames: 40 });
  const clean = await originals(clip);
  const assertClean = ({ shown }: Watched): void => assert.deepEqual(shown, shown.map(([name]) => [name, clean.get(name)]));

  test("ends every ffmpeg costs itself, in its turn, and no other", async () => {
    await using ffmpeg = await recordedFfmpeg("crashes on poison");
    const watched = watch(clip, ffmpeg);
    await collect(asInput(broken(clip, 2, 0, poison)), watched);
    assert.deepEqual(watched.told, [...namesOf(0), ...namesOf(1), ...namesOf(2).map((name) => `-${name}`), ...namesOf(3)]);
    assert.deepEqual(watched.errors.map((error) => [error?.code, error?.message]), [["FFMPEG_FAILED", "ffmpeg ended with signal SIGSEGV"]]);
    assert.deepEqual(watched.failures, [["ffmpeg ended with signal SIGSEGV", 0]], "told once, before what it cost");
    assertClean(watched);
    await ffmpeg.assertGone();
  });

  test("makes every ffmpeg hang costs itself, and no more than one stall", async () => {
    await using ffmpeg = await recordedFfmpeg("hangs on poison");
    const renewed: string[][] = [];
    const renew = (pictures: CodedPictures<string>): Promise<undefined> => (renewed.push([...pictures.wanted.values()]), Promise.resolve(undefined));
    const watched = watch(clip, ffmpeg, { renew });
    await collect(asInput(broken(clip, 1, 0, poison)), watched);
    assert.deepEqual(watched.shown.map(([name]) => name), [0, 2, 3].flatMap(namesOf));
    assert.deepEqual(watched.errors.map((error) => error?.code), ["FFMPEG_STALLED"]);
    assert.deepEqual(watched.failures, [["ffmpeg made no progress for 1 s", 0]]);
    assert.deepEqual(renewed, []);
    await ffmpeg.assertGone();
  });

  for (const [way, openFfmpeg] of Object.entries(WAYS)) for (const fragment of [0, 1, 3]) {
    test(`is damaged gives what comes before the damage, and nothing that differs (fragment ${fragment} of 4, ${way})`, async () => {
      await using ffmpeg = await openFfmpeg();
      const watched = watch(clip, ffmpeg);
      await collect(asInput(broken(clip, fragment, 6, garbage)), watched);
      const lost = namesOf(fragment).slice(6);
      assert.deepEqual(watched.told.filter((name) => name.startsWith("-")), lost.map((name) => `-${name}`));
      assert.deepEqual(watched.shown.map(([name]) => name), [...clean.keys()].filter((name) => !lost.includes(name)));
      assert.deepEqual(watched.errors.map((error) => error?.code), ["FFMPEG_FAILED"]);
      assertClean(watched);
      await ffmpeg.assertGone();
    });
  }

  for (const [way, openFfmpeg] of Object.entries(WAYS)) test(`is whole when it is fetched anew costs nothing, and is asked for with what is still owed (${way})`, async () => {
    await using ffmpeg = await openFfmpeg();
    const asked: string[][] = [];
    const renew = (pictures: CodedPictures<string>): Promise<CodedPictures<string> | undefined> => {
      const owed = [...pictures.wanted.values()];
      asked.push(owed);
      return Promise.resolve([...picturesOf(clip, (name) => owed.includes(name))][1]);
    };
    const watched = watch(clip, ffmpeg, { renew });
    await collect(asInput(broken(clip, 1, 6, garbage)), watched);
    assert.deepEqual(watched.told, [...clean.keys()]);
    assert.deepEqual(asked, [namesOf(1).slice(6)]);
    assertClean(watched);
  });

  for (const [way, openFfmpeg] of Object.entries(WAYS)) {
    test(`salvage: gives what is owed when the rest came out before (${way})`, async () => {
      await using ffmpeg = await openFfmpeg();
      const watched = watch(clip, ffmpeg);
      const [pictures] = [...picturesOf(clip)];
      const owed = new Map([...pictures!.wanted].slice(4));
      const shown: string[] = [];
      for await (const { value } of salvage({ ...pictures!, wanted: owed }, watched.options)) shown.push(value);
      assert.deepEqual(shown, namesOf(0).slice(4));
      assert.deepEqual(watched.errors, []);
    });
  }

  for (const [way, openFfmpeg] of Object.entries(WAYS)) test(`is as broken when it is fetched anew is lost once (${way})`, async () => {
    await using ffmpeg = await openFfmpeg();
    const watched = watch(clip, ffmpeg, { renew: (pictures) => Promise.resolve(pictures) });
    await collect(asInput(broken(clip, 1, 6, garbage)), watched);
    assert.deepEqual(watched.told.filter((name) => name.startsWith("-")), namesOf(1).slice(6).map((name) => `-${name}`));
    assert.equal(watched.errors.length, 1);
  });

  test("is broken like all that follow is passed over for as long as they come, once a picture has come out", async () => {
    await using ffmpeg = await recordedFfmpeg("crashes on poison");
    const watched = watch(clip, ffmpeg);
    const [good, ...bad] = [...picturesOf(clip)];
    await collect(asInput([good as CodedPictures<string>, ...bad.map((pictures) => changed(pictures, 0, poison))]), watched);
    assert.deepEqual(watched.told, [...namesOf(0), ...[1, 2, 3].flatMap(namesOf).map((name) => `-${name}`)]);
  });

  test("is broken like all before it ends the decoding when it is the third, and never a picture has come out", async () => {
    await using ffmpeg = await recordedFfmpeg("crashes on poison");
    const watched = watch(clip, ffmpeg);
    const bad = [...picturesOf(clip)].map((pictures) => changed(pictures, 0, poison));
    await assert.rejects(collect(asInput(bad), watched), { code: "FFMPEG_FAILED", retryable: true, message: "ffmpeg ended with signal SIGSEGV" });
    assert.deepEqual(watched.told, [0, 1, 2].flatMap(namesOf).map((name) => `-${name}`));
    assert.ok(watched.options.controller.signal.aborted);
    await ffmpeg.assertGone();
  });
});
