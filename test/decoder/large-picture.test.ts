import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../src/decoder/decoder.js";
import { makeClip } from "../helpers/clip.js";
import { asInput, decodeOptions, picturesOf, WAYS } from "../helpers/decoding.js";

/** In the sample entry, before the codec's own box. */
const WIDTH_AT = 28;
const HEIGHT_AT = 30;

for (const [way, openFfmpeg] of Object.entries(WAYS)) test(`pictures that are larger than the init segment says, and than any camera's, are not decoded (${way})`, async () => {
  const clip = await makeClip({ size: "8192x4400", frames: 1 });
  const at = clip.init.indexOf("avc1", 0, "latin1");
  clip.init.writeUInt16BE(64, at + WIDTH_AT);
  clip.init.writeUInt16BE(48, at + HEIGHT_AT);
  await using ffmpeg = await openFfmpeg();
  const errors: string[] = [];
  const options = { ...decodeOptions(clip, ffmpeg), stallMs: 10_000, onLost: (_: readonly string[], error?: Error) => errors.push(String(error?.message)) };
  for await (const { value } of decode(asInput(picturesOf(clip)), options)) assert.fail(`it gave ${value}`);
  assert.match(errors.join(), /^ffmpeg (ended with|refused a picture:|gave no picture:|cannot decode the stream:) .*(exceeds specified max pixel count 36000000|Error while opening decoder|Invalid argument|Invalid data)/);
  await ffmpeg.assertGone();
});
