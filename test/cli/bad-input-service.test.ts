import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { Command, kvsFrames, recordsOf, type Environment } from "../helpers/command.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";
import { assertFailure } from "../helpers/failure.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const SMALL = "testsrc,size=64x36,loop=2";

/** Servers that are none of the service's, by what they do to a request. */
const servers = { mute: createServer(), html: createHttpServer((_request, response) => response.end("<!doctype html><title>Router</title>")), closed: createServer() };
const urlOf = (name: keyof typeof servers): string => `http://127.0.0.1:${ports.get(name)}`;
const ports = new Map<string, number>();

async function listen(): Promise<void> {
  for (const [name, server] of Object.entries<Server>(servers)) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.set(name, (server.address() as AddressInfo).port);
  }
  servers.closed.close();
}

const emulated = new Emulated({
  limits: false,
  accessKeys: { [CREDENTIALS.accessKeyId]: CREDENTIALS.secretAccessKey },
  cameras: [`front=${SMALL}`, `stops=${SMALL}`, `silent=${SMALL}`, `forgetful=${SMALL},retention=0`, `odd=${SMALL},codec=vp9`, `bare=${SMALL}`, `shut=${SMALL}`].map(parseCamera),
}, listen);

after(() => {
  servers.mute.close();
  servers.html.close();
});

const QUICKLY = ["--timeout", "1s", "--reconnect-delay", "0.1s", "--max-reconnect-delay", "0.1s"];
const pull = (context: TestContext, streamName: string, endpointUrl: string, flags: readonly string[] = [], env: Environment = {}) =>
  kvsFrames(context, ["pull", "--stream-name", streamName, "--endpoint-url", endpointUrl, "--no-images", ...QUICKLY, ...flags], env);

const WITHOUT_KEYS: Environment = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };

describe("addresses that are not the service's are 75, and each try is told", { concurrency: 4 }, () => {
  const cases = [
    { what: "a port where nobody listens", server: "closed", says: /cannot open stream "front": connect ECONNREFUSED 127\.0\.0\.1:\d+; check the network, the region and --endpoint-url/ },
    { what: "a server that never answers", server: "mute", says: /cannot open stream "front": no answer in time; check the network, the region and --endpoint-url, or allow longer with --timeout/ },
    { what: "a web page", server: "html", says: /cannot open stream "front": the answer \(status 200\) did not come from Kinesis Video Streams; check --endpoint-url and any proxies in between/ },
  ] as const;
  for (const { what, server, says } of cases) {
    test(what, async (context) => {
      const result = await pull(context, "front", urlOf(server), ["--retry", "bounded"]);
      assertFailure(result, { code: 75, says });
      assert.equal(result.stderr.match(/WARN: .*; trying again in \d+ms/g)?.length, 2, result.stderr);
      assert.deepEqual(recordsOf(result.stdout).map(({ type, attempt }) => [type, attempt]), [["reconnect", 1], ["reconnect", 2], ["summary", undefined]]);
    });
  }

  test("a mistyped port is told within seconds with the default delays, and then that it is tried again", async (context) => {
    const command = await Command.start(context, ["pull", "--stream-name", "front", "--endpoint-url", urlOf("closed"), "--no-images"]);
    const startedAt = performance.now();
    const [first] = await command.records("reconnect");
    assert.ok(performance.now() - startedAt < 5000);
    assert.ok(Number(first?.delayMs) <= 6000, "five seconds, give or take 20 %");
    assert.match(command.stderr, /WARN: .*ECONNREFUSED .*; trying again in [456]s/);
  });
});

describe("who may not, or may not be known", { concurrency: 4 }, () => {
  test("no credentials are 77", async (context) => {
    const says = /cannot open stream "front": Could not load credentials from any providers; name a profile that has them \(--profile, AWS_PROFILE\), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in/;
    assertFailure(await pull(context, "front", emulated.emulator.url, [], WITHOUT_KEYS), { code: 77, says });
  });

  test("a profile that does not exist is 77, also beside keys in the environment", async (context) => {
    const says = /cannot open stream "front" with profile "nobody": .*credentials.*; name a profile that has them/;
    assertFailure(await pull(context, "front", emulated.emulator.url, ["--profile", "nobody"]), { code: 77, says });
    assertFailure(await pull(context, "front", emulated.emulator.url, [], { ...WITHOUT_KEYS, AWS_PROFILE: "nobody" }), { code: 77, says: /credentials.*; name a profile that has them/ });
  });

  test("a profile that exists is taken, with its region, and outdoes the environment's keys", async (context) => {
    const file = join(await temporaryDirectory(context), "credentials");
    await writeFile(file, `[camera]\naws_access_key_id = ${CREDENTIALS.accessKeyId}\naws_secret_access_key = ${CREDENTIALS.secretAccessKey}\nregion = us-east-1\n`);
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_REGION: undefined, AWS_SECRET_ACCESS_KEY: "wrong" };
    const { code, stderr } = await pull(context, "front", emulated.emulator.url, ["--profile", "camera", "--max-frames", "1"], env);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /WARN/);
  });

  test("no region is 78", async (context) => {
    const says = /cannot open stream "front": Region is missing; give --region, or set AWS_REGION or a region in the AWS config file/;
    assertFailure(await pull(context, "front", emulated.emulator.url, [], { AWS_REGION: undefined }), { code: 78, says });
  });

  test("a wrong secret, an unknown key and a missing permission are 77", async (context) => {
    const advice = "; check the credentials and their permission kinesisvideo:GetDataEndpoint";
    const { url } = emulated.emulator;
    emulated.camera("shut").description.isAuthorized = false;
    assertFailure(await pull(context, "front", url, [], { AWS_SECRET_ACCESS_KEY: "wrong" }), { code: 77, says: new RegExp(`request signature we calculated does not match.*${advice}`) });
    assertFailure(await pull(context, "front", url, [], { AWS_ACCESS_KEY_ID: "AKIDOTHER" }), { code: 77, says: new RegExp(`security token included in the request is invalid${advice}`) });
    assertFailure(await pull(context, "shut", url), { code: 77, says: new RegExp(`cannot open stream "shut": The caller is not authorized.*${advice}`) });
  });
});

describe("streams that give nothing", { concurrency: 4 }, () => {
  before(() => {
    emulated.camera("silent").setOnline(false, Date.now() - 40_000);
    emulated.camera("bare").description.hasCodecPrivateData = false;
  });
  const cases = [
    { what: "a stream that does not exist", stream: "nobody", code: 66, says: /cannot open stream "nobody": The requested stream is not found or not active; check its name, the region and the account/ },
    { what: "a stream that keeps nothing", stream: "forgetful", code: 78, says: /cannot open stream "forgetful": .*; HLS needs stored media: give the stream a retention above 0 hours/ },
    { what: "a codec that is not for HLS", stream: "odd", code: 65, says: /cannot open stream "odd": Unsupported media type video\/vp9.*; the stream must carry H\.264 or H\.265 video/ },
    { what: "a codec without its private data", stream: "bare", code: 65, says: /cannot open stream "bare": Missing codec private data.*; the stream must carry H\.264 or H\.265 video/ },
  ];
  for (const { what, stream, code, says } of cases) {
    test(`${what} is ${code}`, async (context) => assertFailure(await pull(context, stream, emulated.emulator.url), { code, says }));
  }

  test("a camera that is off is waited for, which is told, and then 69", async (context) => {
    const result = await pull(context, "silent", emulated.emulator.url, ["--wait", "2s"]);
    assertFailure(result, { code: 69, says: /the stream has no media: its camera sent nothing in the last 30 s; waited [23] s, as long as allowed/ });
    assert.match(result.stderr, /INFO: waiting since .*: the stream has no media/);
    assert.deepEqual(recordsOf(result.stdout).map(({ type }) => type), ["waiting", "summary"]);
  });

  test("a camera that goes off is waited for, and then 69, with its frames told", async (context) => {
    const command = await Command.start(context, ["pull", "--stream-name", "stops", "--endpoint-url", emulated.emulator.url, "--no-images", "--wait", "3s"]);
    await command.records("frame");
    emulated.camera("stops").setOnline(false);
    const result = await command.ended;
    assertFailure(result, { code: 69, says: /the camera sends nothing new; waited [34] s, as long as allowed/ });
    const records = recordsOf(result.stdout);
    assert.equal(records.at(-1)?.frames, records.filter(({ type }) => type === "frame").length);
  });
});
