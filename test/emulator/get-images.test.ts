import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GetDataEndpointCommand, KinesisVideoClient } from "@aws-sdk/client-kinesis-video";
import { GetImagesCommand, KinesisVideoArchivedMediaClient, type GetImagesCommandInput, type GetImagesCommandOutput, type Image } from "@aws-sdk/client-kinesis-video-archived-media";
import sharp from "sharp";
import { parseCamera } from "../../src/emulator/index.js";
import { readCounter } from "../helpers/counter.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";

const [WIDTH, HEIGHT] = [192, 128];
const SOURCE = `testsrc,size=${WIDTH}x${HEIGHT},fps=10,fragment=2,loop=20,history=600`;
const emulated = new Emulated({ cameras: [`front=${SOURCE},bframes=2`, `sharp=${SOURCE},codec=h265,vfr`, `gappy=${SOURCE},skew=5000`].map(parseCamera), limits: false });

/** As a user would: asks for the address of GET_IMAGES first. */
async function getImages(StreamName: string, input: Partial<GetImagesCommandInput>): Promise<GetImagesCommandOutput> {
  const options = { region: "us-east-1", credentials: CREDENTIALS, maxAttempts: 1 };
  const control = new KinesisVideoClient({ ...options, endpoint: emulated.emulator.url });
  const { DataEndpoint } = await control.send(new GetDataEndpointCommand({ StreamName, APIName: "GET_IMAGES" }));
  const client = new KinesisVideoArchivedMediaClient({ ...options, endpoint: DataEndpoint! });
  return client.send(new GetImagesCommand({ StreamName, ImageSelectorType: "PRODUCER_TIMESTAMP", Format: "JPEG", StartTimestamp: undefined, EndTimestamp: undefined, ...input }));
}

const range = (fromMs: number, toMs: number) => ({ StartTimestamp: new Date(fromMs), EndTimestamp: new Date(toMs) });
const bytesOf = ({ ImageContent }: Image): Buffer => Buffer.from(ImageContent!, "base64");

async function counterOf(image: Image): Promise<number> {
  const { data, info } = await sharp(bytesOf(image)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return readCounter(data, info.width, info.height, info.channels);
}

/** The number in the picture that is shown at a time, by the camera's own account. */
function counterAt(name: string, timeMs: number, clock: "producer" | "server"): number | undefined {
  const frames = emulated.camera(name).fragments(timeMs - 20_000, timeMs, clock).flatMap((fragment) => fragment.frames);
  return frames.filter((frame) => frame[`${clock}Ms`] <= timeMs + 0.5).at(-1)?.counter;
}

/** Start of a fragment some time ago. */
const fragmentBefore = (name: string, seconds: number, clock: "producer" | "server" = "producer"): number => {
  const at = Date.now() - seconds * 1000;
  return emulated.camera(name).fragments(at - 10_000, at, clock).at(-1)!.startMs[clock];
};

describe("GetImages", { concurrency: 2 }, () => {
  for (const [name, clock, Format] of [["front", "producer", "JPEG"], ["front", "server", "PNG"], ["sharp", "producer", "JPEG"]] as const) {
    test(`gives the picture shown at each point of time: ${name}, ${clock} clock, ${Format}`, async () => {
      const fromMs = fragmentBefore(name, 60, clock);
      const ImageSelectorType = clock === "producer" ? "PRODUCER_TIMESTAMP" : "SERVER_TIMESTAMP";
      const { Images, NextToken } = await getImages(name, { ...range(fromMs, fromMs + 4000), ImageSelectorType, Format, SamplingInterval: 500, FormatConfig: { JPEGQuality: "95" } });
      assert.equal(NextToken, undefined);
      assert.deepEqual(Images!.map(({ TimeStamp }) => TimeStamp!.getTime() - fromMs), [0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]);
      for (const image of Images!) {
        assert.equal(image.Error, undefined);
        const { format, width, height } = await sharp(bytesOf(image)).metadata();
        assert.deepEqual([format, width, height], [Format.toLowerCase(), WIDTH, HEIGHT]);
        assert.equal(await counterOf(image), counterAt(name, image.TimeStamp!.getTime(), clock));
      }
    });
  }

  test("has no media where the range begins inside a fragment, nor where the camera was offline", async () => {
    const camera = emulated.camera("gappy");
    const fromMs = fragmentBefore("gappy", 100);
    camera.goOffline(fromMs - 5000 + 10_000, fromMs - 5000 + 14_000);
    const { Images } = await getImages("gappy", { ...range(fromMs + 500, fromMs + 24_500), SamplingInterval: 1000 });
    const truth = camera.fragments(fromMs + 500, fromMs + 24_500, "producer");
    const wanted = Images!.map(({ TimeStamp }) => truth.some(({ startMs, durationMs }) => startMs.producer <= TimeStamp!.getTime() && TimeStamp!.getTime() < startMs.producer + durationMs));
    assert.deepEqual(Images!.map(({ ImageContent }) => ImageContent !== undefined), wanted);
    assert.deepEqual(Images!.map(({ Error: error }) => error !== "NO_MEDIA"), wanted);
    assert.deepEqual(wanted.slice(0, 3), [false, false, true]);
    assert.ok(wanted.slice(3).includes(false) && wanted.at(-1));
  });

  test("in pages of 25 at most, smaller if asked for", async () => {
    const fromMs = fragmentBefore("front", 120);
    const input = { ...range(fromMs, fromMs + 6000), SamplingInterval: 200, MaxResults: 100, WidthPixels: 96, HeightPixels: 64 };
    const first = await getImages("front", input);
    const second = await getImages("front", { ...input, NextToken: first.NextToken });
    assert.deepEqual([first.Images!.length, second.Images!.length, second.NextToken], [25, 6, undefined]);
    assert.deepEqual([...first.Images!, ...second.Images!].map(({ TimeStamp }) => TimeStamp!.getTime() - fromMs), Array.from({ length: 31 }, (_, i) => 200 * i));
    const few = await getImages("front", { ...input, MaxResults: 2 });
    assert.deepEqual([few.Images!.length, typeof few.NextToken], [2, "string"]);
  });

  test("stretched to a size, or to a height in the picture's own shape; one of low quality is smaller", async () => {
    const at = range(fragmentBefore("front", 50), fragmentBefore("front", 50));
    const sizeOf = async (input: Partial<GetImagesCommandInput>) => sharp(bytesOf((await getImages("front", { ...at, ...input })).Images![0]!)).metadata();
    assert.deepEqual([await sizeOf({ WidthPixels: 100, HeightPixels: 100 }), await sizeOf({ HeightPixels: 64 })].map(({ width, height }) => [width, height]), [[100, 100], [96, 64]]);
    const bytes = async (JPEGQuality: string) => bytesOf((await getImages("front", { ...at, FormatConfig: { JPEGQuality } })).Images![0]!).length;
    assert.ok((await bytes("5")) < (await bytes("95")) / 2);
  });

  const hourAgo = Date.now() - 3_600_000;
  const BAD: readonly (readonly [string, Partial<GetImagesCommandInput>, RegExp])[] = [
    ["more than 300 seconds", range(hourAgo, hourAgo + 300_001), /within 300 seconds/],
    ["an end before the start", range(hourAgo, hourAgo - 1), /must not be before/],
    ["an interval below 200 ms", { SamplingInterval: 199 }, /'199' at 'SamplingInterval' must be a whole number from 200/],
    ["a quality of 0", { FormatConfig: { JPEGQuality: "0" } }, /at 'FormatConfig.JPEGQuality'/],
    ["a width alone", { WidthPixels: 100 }, /HeightPixels must be specified/],
    ["too wide a picture", { WidthPixels: 3841, HeightPixels: 100 }, /at 'WidthPixels' must be a whole number from 1 to 3840/],
    ["no format", { Format: undefined }, /'Format' must not be null/],
    ["a token of its own making", { NextToken: "bm8=" }, /NextToken is not valid/],
  ];
  for (const [what, input, message] of BAD) {
    test(`refused with InvalidArgumentException: ${what}`, async () => {
      const asked = getImages("front", { ...range(hourAgo, hourAgo + 1000), ...input });
      await assert.rejects(asked, (error: Error) => error.name === "InvalidArgumentException" && message.test(error.message));
    });
  }

  test("refused without retention, and of a stream that is not there", async () => {
    const { description } = emulated.camera("sharp");
    description.retentionHours = 0;
    await assert.rejects(getImages("sharp", range(hourAgo, hourAgo)), { name: "NoDataRetentionException" });
    description.retentionHours = 24;
    await assert.rejects(emulated.archived().getImages({ StreamName: "nope", ImageSelectorType: "SERVER_TIMESTAMP", Format: "PNG", ...range(hourAgo, hourAgo) }), { name: "ResourceNotFoundException" });
  });
});
