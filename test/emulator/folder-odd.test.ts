import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { makeClip } from "../helpers/clip.js";
import { Emulated } from "../helpers/emulated.js";
import { writeFolder } from "../helpers/folder-camera.js";
import { assertLoop, listingsOf } from "../helpers/folder-listing.js";
import { box, fragment, fullBox, PER_SAMPLE, u32, u64 } from "../helpers/mp4.js";
import { getBytes } from "../helpers/playlist.js";

const plain = await makeClip({ frames: 30 });
const tfhd = fullBox("tfhd", 0, 0x02_00_00, u32(1));
const run = fullBox("trun", 0, PER_SAMPLE.duration, u32(1, 1024));
const large = box("mdat", u64(24n), Buffer.alloc(8, 7));
large.writeUInt32BE(1); // the size stands behind the type
/** What no encoder writes, by file name. */
const ODD: Readonly<Record<string, Buffer>> = {
  "1-empty": Buffer.of(),
  "2-no-tfdt": Buffer.concat([box("moof", box("traf", tfhd, run)), box("mdat", u32(1))]),
  "3-endless-mdat": Buffer.concat([
    box("moof", box("traf", tfhd, run)),
    u32(0),
    Buffer.from("mdat!"),
  ]),
  "4-large-mdat": Buffer.concat([box("styp"), box("moof", box("traf", tfhd, run)), large]),
  "5-no-boxes": Buffer.from("<html>not found</html>"),
  "6-cut": plain.fragments[0]!.subarray(0, 60),
  "7-no-samples": fragment({ runs: [{ count: 2, flags: PER_SAMPLE.size, fields: [0, 0] }] }),
  "8-wrong-count": fragment({ runs: [{ count: 0xffff_ffff }] }),
};

const FOLDERS = {
  odd: await writeFolder([
    { name: "init.mp4", bytes: plain.init },
    ...Object.entries(ODD).map(([name, bytes]) => ({ name, bytes })),
  ]),
  styp: await writeFolder([
    { name: "init.mp4", bytes: plain.init },
    { name: "1.m4s", bytes: Buffer.concat([box("styp", u32(0)), plain.fragments[0]!]) },
  ]),
};

const cameras = Object.entries(FOLDERS).map(([name, path]) =>
  parseCamera(`${name}=${path},history=60`),
);
const emulated = new Emulated({ cameras, limits: false });
const { live, archive } = listingsOf(emulated);

for (const [mode, listing] of Object.entries({ live, archive })) {
  test(`bytes that cannot be read are served as they are: ${mode}`, async () => {
    const playlist = await listing("odd");
    assert.ok(playlist.fragments.length >= Object.keys(ODD).length);
    await assertLoop(playlist, Object.values(ODD));
  });
}

test("of the odd ones, times are told where they can be", async () => {
  const { fragments } = await archive("odd");
  const bodies = await Promise.all(fragments.map(({ url }) => getBytes(url)));
  for (const [name, bytes, durationMs, frames] of [
    ["1-empty", ODD["1-empty"]!, 2000, 0],
    ["2-no-tfdt", ODD["2-no-tfdt"]!, 100, 1],
    ["3-endless-mdat", ODD["3-endless-mdat"]!, 100, 1],
    ["4-large-mdat", ODD["4-large-mdat"]!, 100, 1],
    ["5-no-boxes", ODD["5-no-boxes"]!, 2000, 0],
    ["7-no-samples", ODD["7-no-samples"]!, 19.53125, 2],
    ["8-wrong-count", ODD["8-wrong-count"]!, 2000, 0],
  ] as const) {
    const { number, durationMs: listed } =
      fragments[bodies.findIndex((body) => body.equals(bytes))]!;
    assert.equal(listed, Math.round(durationMs), name);
    assert.equal(emulated.camera("odd").truth(number)!.frames.length, frames, name);
  }
});

describe("faults", () => {
  test("damage is done to the samples behind styp and moof", async () => {
    const { url } = (await live("styp")).fragments[0]!;
    const whole = await getBytes(url);
    emulated.emulator.inject({ kind: "corrupt", stream: "styp", bytes: 50, times: 1 });
    const damaged = await getBytes(url);
    const headers = whole.indexOf("mdat") + 4;
    assert.equal(damaged.length, whole.length);
    assert.deepEqual(damaged.subarray(0, headers), whole.subarray(0, headers));
    assert.ok(!damaged.equals(whole));
  });

  test("the first sample can be taken, and what has none is left as it is", async () => {
    const { url } = (await live("styp")).fragments[0]!;
    const whole = await getBytes(url);
    emulated.emulator.inject({ kind: "non-key", times: 9 });
    assert.ok((await getBytes(url)).length < whole.length - 50);
    const { fragments } = await live("odd");
    for (const body of await Promise.all(
      fragments.slice(0, 8).map(({ url: odd }) => getBytes(odd)),
    )) {
      assert.ok(Object.values(ODD).some((bytes) => bytes.length >= body.length));
    }
  });
});

test("an empty fragment that left is whole in the journal", async () => {
  const { fragments } = await archive("odd");
  for (const { url } of fragments.slice(0, 10)) if ((await getBytes(url)).length === 0) break;
  const { bytes, isWhole, upTo } = emulated.emulator.journal.at(-1)!;
  assert.deepEqual([bytes, upTo, isWhole], [0, 0, true]);
});
