import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../src/decoder/decoder.js";
import { readBoxes } from "../../src/media/boxes.js";
import { configurationIn } from "../../src/media/configuration.js";
import { writeInitSegment } from "../../src/media/init-writer.js";
import { readInitSegment } from "../../src/media/init.js";
import { Remuxer } from "../../src/media/remux.js";
import { readSamples } from "../../src/media/samples.js";
import { makeClip } from "../helpers/clip.js";
import { asInput, decodeOptions, WAYS } from "../helpers/decoding.js";

const TOO_LARGE = /^ffmpeg (ended with|refused a picture:|gave no picture:|cannot decode the stream:) .*(exceeds specified max pixel count 36000000|Error while opening decoder|Invalid argument|Invalid data)/;

for (const [way, openFfmpeg] of Object.entries(WAYS)) {
  test(`pictures that are larger than the init segment says, and than any camera's, are not decoded (${way})`, async () => {
    const [large, small] = [await makeClip({ size: "8192x4400", frames: 1 }), await makeClip({ frames: 1 })];
    assert.throws(() => readInitSegment(large.init), { code: "UNSUPPORTED_MEDIA" });
    const { configuration } = configurationIn(readBoxes(large.init, "a test"));
    const [sample = assert.fail()] = readSamples(large.fragments[0]!, readInitSegment(small.init));
    const coded = new Remuxer().write([{ ...sample, order: 0 }], new Map([[0, "large"]]));
    await using ffmpeg = await openFfmpeg();
    const errors: string[] = [];
    const options = decodeOptions(small, ffmpeg);
    const { init } = options;
    const bytes = writeInitSegment({ ...init, configuration });
    const decoded = decode(asInput([coded]), {
      ...{ ...options, stallMs: 10_000 },
      init: { ...init, bytes, configuration: configuration.toString("base64") },
      onLost: (_, error) => errors.push(String(error?.message)),
    });
    for await (const { value } of decoded) assert.fail(`it gave ${value}`);
    assert.match(errors.join(), TOO_LARGE);
    await ffmpeg.assertGone();
  });
}
