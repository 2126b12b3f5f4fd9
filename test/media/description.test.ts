import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { describeVideo } from "../../src/media/description.js";
import { clipFrom, makeClip, type Clip } from "../helpers/clip.js";
import { runTool } from "../helpers/tool.js";

interface Stream {
  readonly profile: string;
  readonly level: number;
  readonly sample_aspect_ratio?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly color_range?: string;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

/** What ffprobe says of a clip, for comparison. */
async function probed({ whole }: Clip): Promise<Stream> {
  const folder = await mkdtemp(join(tmpdir(), "clip-"));
  try {
    const path = join(folder, "clip.mp4");
    await writeFile(path, whole);
    const { streams } = JSON.parse((await runTool("ffprobe", ["-v", "error", "-of", "json", "-show_streams", path])).toString()) as { streams: Stream[] };
    return streams[0]!;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const SOURCE = ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10", "-frames:v", "12", "-pix_fmt", "yuv420p", "-threads", "1"];
const tags = (name: string, range = "tv") => ["-colorspace", name, "-color_primaries", name, "-color_trc", name, "-color_range", range];
const X264 = ["-c:v", "libx264", "-preset", "veryfast"];
const X265 = ["-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1", "-x265-params"];
const CASES: Readonly<Record<string, readonly string[]>> = {
  "H.264 as a camera sends it": [...SOURCE, ...X264, "-profile:v", "baseline", ...tags("bt709")],
  "H.264 High with B-frames and a scaling matrix": [...SOURCE, ...X264, "-profile:v", "high", "-x264-params", `cqm4=${Array.from({ length: 16 }, (_, i) => 8 + i).join(",")}:bframes=3`, ...tags("smpte170m")],
  "H.264 with pixels that are not square, in full range": [...SOURCE, ...X264, "-vf", "setsar=40/33", ...tags("bt709", "pc")],
  "H.264 with an odd pixel aspect and no colour": [...SOURCE, ...X264, "-vf", "setsar=17/13"],
  "H.264 interlaced and cropped": ["-f", "lavfi", "-i", "testsrc2=size=322x180:rate=10", "-frames:v", "12", "-pix_fmt", "yuv420p", ...X264, "-flags", "+ildct+ilme", ...tags("bt709")],
  "H.264 of ten bits": [...SOURCE, "-pix_fmt", "yuv420p10le", ...X264, ...tags("bt2020nc").slice(0, 2), "-color_trc", "smpte2084", "-color_primaries", "bt2020"],
  "H.265": [...SOURCE, ...X265, "log-level=error:bframes=4:pools=1", ...tags("bt709")],
  "H.265 with a scaling list, a pixel aspect and long references": [...SOURCE, "-vf", "setsar=4/3", ...X265, "log-level=error:scaling-list=default:ref=4:pools=1", ...tags("smpte170m", "pc")],
  "H.265 of ten bits": [...SOURCE, "-pix_fmt", "yuv420p10le", ...X265, "log-level=error:pools=1", ...tags("bt709")],
};

describe("an init segment is described as ffprobe describes it", { concurrency: 2 }, () => {
  for (const [what, args] of Object.entries(CASES)) {
    test(what, async () => {
      const clip = await clipFrom(args);
      const wanted = await probed(clip);
      // The boxes of the sample entry and the parameter set say the same; the service need not write the boxes.
      for (const seen of [clip.init, withoutBoxes(clip.init)].map(describeVideo)) {
        const aspect = seen.pixelAspect ?? { width: 1, height: 1 };
        assert.equal(seen.profile, wanted.profile);
        assert.equal(Math.round(Number(seen.level) * (seen.codec === "h264" ? 10 : 30)), wanted.level);
        assert.equal(`${aspect.width}:${aspect.height}`, wanted.sample_aspect_ratio ?? "1:1");
        assert.deepEqual(seen.colour ?? NO_COLOUR, colourOf(wanted));
        assert.deepEqual([seen.width, seen.height, seen.rotation], [what.includes("cropped") ? 322 : 320, 180, 0]);
      }
    });
  }

  for (const degrees of [90, 180, 270]) {
    test(`a picture to be turned by ${degrees} degrees`, async () => {
      const { init } = await makeClip({ frames: 2 });
      const turned = Buffer.from(init);
      const [cos, sin] = [Math.round(Math.cos((degrees * Math.PI) / 180)), Math.round(Math.sin((degrees * Math.PI) / 180))];
      const matrix = turned.indexOf("tkhd", 0, "latin1") + 4 + 4 + 20 + 16;
      for (const [place, value] of [cos, sin, 0, -sin, cos].entries()) turned.writeInt32BE(value * 0x1_00_00, matrix + 4 * place);
      assert.equal(describeVideo(turned).rotation, degrees);
    });
  }

  test("a parameter set that is cut says nothing of pixels and colours, and all else is there", async () => {
    const { init } = await clipFrom([...SOURCE, ...X264, "-vf", "setsar=4/3", ...tags("bt709")]);
    const cut = withoutBoxes(init);
    const at = cut.indexOf("avcC", 0, "latin1") + 4;
    const whole = describeVideo(cut);
    assert.deepEqual(whole.pixelAspect, { width: 4, height: 3 });
    assert.equal(whole.colour?.matrix, "bt709");
    cut.writeUInt16BE(6, at + 6);
    const { pixelAspect, colour, ...rest } = describeVideo(cut);
    assert.deepEqual([pixelAspect, colour], [undefined, undefined]);
    const { pixelAspect: aspect, colour: wholeColour, ...all } = whole;
    assert.ok(aspect && wholeColour);
    assert.deepEqual(rest, all);
  });
});

const NO_COLOUR = { matrix: undefined, primaries: undefined, transfer: undefined, range: undefined };

function colourOf({ color_space, color_primaries, color_transfer, color_range }: Stream): typeof NO_COLOUR | Record<string, string | undefined> {
  return { matrix: color_space, primaries: color_primaries, transfer: color_transfer, range: color_range };
}

function withoutBoxes(init: Buffer): Buffer {
  const changed = Buffer.from(init);
  for (const type of ["colr", "pasp"]) {
    const at = changed.indexOf(type, 0, "latin1");
    if (at >= 0) changed.write("free", at, "latin1");
  }
  return changed;
}
