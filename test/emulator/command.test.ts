import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { KinesisVideoArchivedMedia } from "@aws-sdk/client-kinesis-video-archived-media";
import { emulateCommand } from "../../src/cli/emulate.js";
import { CREDENTIALS, FFMPEG } from "../helpers/emulated.js";
import { mediaPlaylistUrl, readPlaylist } from "../helpers/playlist.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

test("emulate --ranges and --link-mbps: a range comes, no faster than the link, and its line in the journal", async (t) => {
  const journal = join(await temporaryDirectory(t), "journal.ndjson");
  const [stdout, controller] = [new PassThrough(), new AbortController()];
  const command = emulateCommand({ env: {}, stdout, stderr: new PassThrough(), signal: controller.signal, locateFfmpeg: () => FFMPEG });
  const flags = ["--ranges", "honoured", "--link-mbps", "1", "--journal", journal];
  const running = command.parseAsync(["--port", "0", "--camera", "door=testsrc,size=320x180,loop=2", ...flags], { from: "user" });
  const [line] = (await stdout.iterator({ destroyOnReturn: false }).next()).value.toString().split("\n") as string[];
  const { url: endpoint } = JSON.parse(line!) as { url: string };
  const client = new KinesisVideoArchivedMedia({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
  const { HLSStreamingSessionURL: master } = await client.getHLSStreamingSessionURL({ StreamName: "door" });
  const { url, number } = (await readPlaylist(await mediaPlaylistUrl(master!))).fragments[0]!;
  const startedAt = performance.now();
  const response = await fetch(url, { headers: { range: "bytes=0-49999" } });
  assert.equal((await response.arrayBuffer()).byteLength, 50_000);
  assert.ok(performance.now() - startedAt > 350, `${performance.now() - startedAt} ms`);
  controller.abort();
  await running;
  const last = JSON.parse((await readFile(journal, "utf8")).trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
  const { fragment, status, askedRange, range, bytes, upTo, isWhole } = last;
  assert.deepEqual([fragment, status, askedRange, range, bytes, upTo, isWhole], [number, 206, "bytes=0-49999", [0, 49_999], 50_000, 50_000, false]);
});

for (const [flag, value, message] of [
  ["--ranges", "maybe", /ranges must be one of ignored, honoured, got "maybe"/],
  ["--link-mbps", "0", /linkMbps must be a whole number from 1 to 100000, got "0"/],
] as const) {
  test(`emulate refuses ${flag} ${value}`, async () => {
    const command = emulateCommand({ env: {}, stdout: new PassThrough(), stderr: new PassThrough(), signal: AbortSignal.abort(), locateFfmpeg: () => FFMPEG });
    await assert.rejects(command.exitOverride().configureOutput({ writeErr: () => undefined }).parseAsync([flag, value], { from: "user" }), message);
  });
}
