import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FolderError, type Media } from "../../src/emulator/index.js";
import { makeClip } from "../helpers/clip.js";
import {
  called,
  initOf,
  oneSample,
  pacesOf,
  readFiles,
  type SavedFile,
} from "../helpers/folder-camera.js";
import { box } from "../helpers/mp4.js";

const clip = await makeClip();
const [init, other] = [initOf(1000), initOf(500)];

const texts = ({ clip: { fragments } }: Media): string[] =>
  fragments.map(({ bytes }) => bytes!.toString());
const inits = ({ clip: { fragments }, tracks }: Media): Buffer[] =>
  fragments.map(({ part }) => Buffer.from(tracks[part]!.init));

describe("by name", () => {
  test("numbers count, an only init segment serves all, other files are left out", async () => {
    const names = ["10", "9", "a", ".hidden", "notes.txt", "notes.MD", "journal.json"].map(called);
    const media = await readFiles([...names, { name: "init.mp4", bytes: init }]);
    assert.deepEqual(texts(media), ["9", "10", "a"]);
    assert.deepEqual(inits(media), [init, init, init]);
  });

  test("an init segment serves what comes after it, the first also what comes before", async () => {
    const media = await readFiles([
      called("1"),
      { name: "2", bytes: init },
      called("3"),
      { name: "4", bytes: other },
      called("5"),
    ]);
    assert.deepEqual(texts(media), ["1", "3", "5"]);
    assert.deepEqual(inits(media), [init, init, other]);
  });

  test("a whole file is split at each moof or the boxes before it, no byte is lost", async () => {
    const media = await readFiles([{ name: "whole.mp4", bytes: clip.whole }]);
    const fragments = media.clip.fragments.map(({ bytes }) => bytes!);
    assert.deepEqual(Buffer.concat([media.tracks[0]!.init, ...fragments]), clip.whole);
    assert.deepEqual(fragments[0], clip.fragments[0]);
    const lead = (byte: number) =>
      Buffer.concat([
        box("styp", Buffer.of(byte)),
        box("emsg"),
        oneSample(1),
        box("mdat", Buffer.of(byte)),
      ]);
    const joined = await readFiles([
      { name: "1", bytes: Buffer.concat([init, lead(1), lead(2), other, lead(3)]) },
    ]);
    assert.deepEqual(
      joined.clip.fragments.map(({ bytes }) => bytes),
      [lead(1), lead(2), lead(3)],
    );
    assert.deepEqual(inits(joined), [init, init, other]);
  });

  test("two playlists are none", async () => {
    const playlist = { name: "a.m3u8", bytes: "#EXTM3U\n#EXTINF:1,\n2" };
    assert.deepEqual(
      texts(
        await readFiles([
          { name: "0", bytes: init },
          called("1"),
          called("2"),
          playlist,
          { ...playlist, name: "b.m3u8" },
        ]),
      ),
      ["1", "2"],
    );
  });
});

describe("by playlist", () => {
  const files = [
    called("a.m4s"),
    called("b m.m4s"),
    called("q.mp4?N=1&T=2"),
    { name: "i.mp4", bytes: init },
    { name: "odd", bytes: other },
  ];
  const master = {
    name: "master.m3u8",
    bytes: "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8\n",
  };
  const list = (...lines: string[]): SavedFile => ({
    name: "list.m3u8",
    bytes: ["#EXTM3U", '#EXT-X-MAP:URI="i.mp4?T=1"', ...lines].join("\r\n"),
  });
  const at = (second: string) => `#EXT-X-PROGRAM-DATE-TIME:2026-11-22T10:15:${second}Z`;

  test("its order, init segments, durations, dates and discontinuities are taken", async () => {
    const media = await readFiles([
      ...files,
      master,
      list(
        at("00.000"),
        "#EXTINF:2.004,",
        "b%20m.m4s",
        "#EXT-X-DISCONTINUITY",
        '#EXT-X-MAP:URI="odd"',
        at("05.000"),
        "#EXTINF:0.0,",
        "q.mp4?N=1&T=2",
        at("05.500"),
        "#EXTINF:1.5,title",
        "a.m4s?SessionToken=x~",
        at("04.000"),
        "#EXTINF:oops,",
        "b%20m.m4s",
      ),
    ]);
    assert.deepEqual(texts(media), ["b m.m4s", "q.mp4?N=1&T=2", "a.m4s", "b m.m4s"]);
    assert.deepEqual(inits(media), [init, other, other, other]);
    assert.deepEqual(pacesOf(media), [
      [2004, 5000],
      [0, 500],
      [1500, 1500],
      [2000, 2000],
    ]);
    assert.deepEqual(
      media.clip.fragments.map(({ isDiscontinuous }) => isDiscontinuous),
      [true, true, false, false],
    );
  });

  for (const [what, lines, message] of [
    [
      "a path",
      ["#EXTINF:1,", "../a.m4s"],
      /must name plain names of files in its folder, got "\.\.\/a\.m4s"$/,
    ],
    ["a hidden path", ["#EXTINF:1,", "..%2Fa.m4s"], /plain names/],
    ["a URL", ["#EXTINF:1,", "https://example.com/a.m4s"], /plain names/],
    [
      "the folder above",
      ["#EXTINF:1,", ".."],
      /must name files that are in its folder, got "\.\."$/,
    ],
    [
      "what is not there",
      ["#EXTINF:1,", "c.m4s?SessionToken=secret~"],
      /must name files that are in its folder, got "c\.m4s"$/,
    ],
    ["a part of a file", ["#EXTINF:1,", "#EXT-X-BYTERANGE:5@0", "a.m4s"], /must name whole files/],
    ["nothing", ["#EXTINF:1,"], /must name fragments, got none$/],
  ] as const) {
    test(`refused: ${what}`, async () => {
      await assert.rejects(
        readFiles([...files, list(...lines)]),
        (error: Error) => error instanceof FolderError && message.test(error.message),
      );
    });
  }

  test("refused: no init segment", async () => {
    await assert.rejects(
      readFiles([...files, { name: "x.m3u8", bytes: "#EXTM3U\n#EXTINF:1,\na.m4s" }]),
      /must have EXT-X-MAP before its first fragment, got none$/,
    );
  });
});
