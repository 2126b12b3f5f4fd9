import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { listStreams, type ListedStream } from "../../src/index.js";
import { Command, type CommandResult, type Environment } from "../helpers/command.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";

const emulated = new Emulated({ limits: false, cameras: ["gate", "yard-1", "yard-2"].map((name) => parseCamera(`${name}=testsrc,size=64x36,loop=2`)) });

async function streams(context: TestContext, args: readonly string[], env: Environment = {}): Promise<CommandResult> {
  return (await Command.start(context, ["streams", "--endpoint-url", emulated.emulator.url, ...args], { env })).ended;
}

describe("streams", { concurrency: 2 }, () => {
  test("lists all, a line each", async (context) => {
    const { code, stdout, stderr } = await streams(context, []);
    assert.deepEqual([code, stderr], [0, ""]);
    const lines = stdout.toString().trimEnd().split("\n");
    assert.deepEqual(lines.map((line) => line.split(/ +/, 1)[0]), ["gate", "yard-1", "yard-2"]);
    assert.match(lines[0] ?? "", /^gate {28} {2}ACTIVE {4,7}\d+ h {2}\d{4}-\d\d-\d\d$/);
  });

  test("--json gives a record of each, --prefix some", async (context) => {
    const { stdout } = await streams(context, ["--json", "--prefix", "yard"]);
    const records = stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(records.map(({ name }) => name), ["yard-1", "yard-2"]);
    assert.deepEqual(Object.keys(records[0] ?? {}), ["type", "name", "arn", "status", "retentionHours", "mediaType", "createdAt"]);
  });

  test("says when there is none", async (context) => {
    const { code, stdout, stderr } = await streams(context, ["--prefix", "nobody"]);
    assert.deepEqual([code, stdout.length], [0, 0]);
    assert.equal(stderr, 'kvs-frames: no stream whose name begins with "nobody" in this region; try another with --region\n');
  });

  test("without credentials ends with 77", async (context) => {
    const { code, stderr } = await streams(context, [], { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });
    assert.equal(code, 77);
    assert.match(stderr, /^kvs-frames: cannot list the streams: /);
  });

  test("is a function of the library, too", async () => {
    const listed: ListedStream[] = [];
    for await (const stream of listStreams({ endpointUrl: emulated.emulator.url, region: "us-east-1", credentials: CREDENTIALS, prefix: "yard" })) listed.push(stream);
    assert.deepEqual(listed.map(({ name, status }) => [name, status]), [["yard-1", "ACTIVE"], ["yard-2", "ACTIVE"]]);
  });
});
