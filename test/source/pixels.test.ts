import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import sharp from "sharp";
import type { CameraSpec } from "../../src/emulator/index.js";
import { encodeJpeg } from "../../src/jpeg.js";
import { Emulated, FFMPEG } from "../helpers/emulated.js";
import { RECORDINGS } from "../helpers/footage.js";
import { getBytes, mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";
import { psnr } from "../helpers/psnr.js";
import { readFrames } from "../helpers/read-frames.js";

const [car, door] = RECORDINGS;
const generated = { kind: "testsrc", size: { width: 322, height: 182 }, loopSeconds: 6, bframes: 2 } as const;
const CAMERAS: readonly { spec: CameraSpec; matrix: "bt709" | "bt601" }[] = [
  { spec: { name: "bt709", source: { ...generated, matrix: "bt709" } }, matrix: "bt709" },
  { spec: { name: "bt601", source: { ...generated, matrix: "bt601" } }, matrix: "bt601" },
  ...(car ? [{ spec: { name: "car", source: { kind: "file", path: car } as const }, matrix: "bt601" } as const] : []),
  ...(door ? [{ spec: { name: "door", source: { kind: "file", path: door } as const }, matrix: "bt709" } as const] : []),
];
const emulated = new Emulated({ cameras: CAMERAS.map(({ spec }) => spec) });

/** Pictures of a fragment by ffmpeg alone, told the matrix in so many words. */
function decodePlainly(mp4: Buffer, matrix: string, size: number): Buffer[] {
  const filter = `scale=in_color_matrix=${matrix}:in_range=limited,format=rgb24`;
  const args = ["-v", "error", "-i", "-", "-vf", filter, "-fps_mode", "passthrough", "-f", "rawvideo", "-"];
  const pixels = execFileSync(FFMPEG, args, { input: mp4, maxBuffer: 2 ** 30 });
  return Array.from({ length: pixels.length / size }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}

for (const { spec, matrix } of CAMERAS) {
  test(`${spec.name}: pixels are those of a plain decode, with the colours of ${matrix}`, async (context) => {
    const frames = await readFrames(emulated.emulator.url, { streamName: spec.name, pixelFormat: "rgb24" }, 20);
    const { fragments } = await readPlaylist(await mediaPlaylistUrl(await emulated.open(spec.name)));
    const { fragment: number, data } = frames[0]!;
    const listed = fragments.find((fragment) => fragment.number === number)!;
    const mp4 = Buffer.concat([await getBytes(listed.initUrl), await getBytes(listed.url)]);
    const plain = decodePlainly(mp4, matrix, data.length);
    const other = decodePlainly(mp4, matrix === "bt709" ? "bt601" : "bt709", data.length);
    const isGenerated = "kind" in spec.source && spec.source.kind === "testsrc";
    const worst: [raw: number, jpeg: number][] = [];
    for (const frame of frames.filter(({ fragment }) => fragment === number)) {
      const likeness = psnr(frame.data, plain[frame.index]!);
      assert.ok(likeness >= 45, `frame ${frame.index} is ${likeness} dB like a plain decode`);
      const jpegLikeness = psnr(await sharp(await encodeJpeg(frame)).raw().toBuffer(), plain[frame.index]!);
      // Generated pictures have hard edges of pure colour, which JPEG halves by design.
      assert.ok(isGenerated || jpegLikeness >= 37, `frame ${frame.index} as JPEG is ${jpegLikeness} dB like a plain decode`);
      worst.push([likeness, jpegLikeness]);
      assert.ok(psnr(frame.data, other[frame.index]!) < likeness - 5, `frame ${frame.index} would pass with the other matrix`);
    }
    context.diagnostic(`worst PSNR of ${worst.length} frames: ${Math.min(...worst.map(([raw]) => raw))} dB raw, ${Math.min(...worst.map(([, jpeg]) => jpeg)).toFixed(1)} dB as JPEG`);
  });
}
