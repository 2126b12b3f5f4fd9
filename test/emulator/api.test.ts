import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { GetHLSStreamingSessionURLCommandInput } from "@aws-sdk/client-kinesis-video-archived-media";
import { parseCamera } from "../../src/emulator/index.js";
import { Emulated } from "../helpers/emulated.js";

const SMALL = "testsrc,size=64x36,loop=2";
const emulated = new Emulated({ cameras: [`door=${SMALL},history=600`, `yard=${SMALL}`, `gate=${SMALL},codec=vp9`].map(parseCamera), limits: false });
const now = () => Date.now();
const before = (seconds: number) => new Date(now() - seconds * 1000);

beforeEach(() => {
  Object.assign(emulated.camera("door").description, { status: "ACTIVE", retentionHours: 24, isAuthorized: true, hasCodecPrivateData: true });
});

test("DescribeStream, by name and by ARN", async () => {
  const { StreamInfo: byName } = await emulated.control().describeStream({ StreamName: "door" });
  assert.match(byName!.StreamARN!, /^arn:aws:kinesisvideo:us-east-1:\d{12}:stream\/door\/\d{13}$/);
  assert.equal(byName!.MediaType, "video/h264");
  assert.equal(byName!.DataRetentionInHours, 24);
  assert.ok(Math.abs(byName!.CreationTime!.getTime() - (now() - 600_000)) < 60_000);
  const { StreamInfo: byArn } = await emulated.control().describeStream({ StreamARN: byName!.StreamARN });
  assert.deepEqual(byArn, byName);
});

test("GetDataEndpoint gives the address by which it was reached", async () => {
  const input = { StreamName: "door", APIName: "GET_HLS_STREAMING_SESSION_URL" } as const;
  assert.equal((await emulated.control().getDataEndpoint(input)).DataEndpoint, emulated.emulator.url);
});

test("ListStreams, in pages and by prefix", async () => {
  const client = emulated.control();
  const first = await client.listStreams({ MaxResults: 2 });
  const second = await client.listStreams({ MaxResults: 2, NextToken: first.NextToken });
  const names = [first, second].map(({ StreamInfoList }) => StreamInfoList!.map(({ StreamName }) => StreamName));
  assert.deepEqual(names, [["door", "gate"], ["yard"]]);
  assert.equal(second.NextToken, undefined);
  const prefixed = await client.listStreams({ StreamNameCondition: { ComparisonOperator: "BEGINS_WITH", ComparisonValue: "ya" } });
  assert.deepEqual(prefixed.StreamInfoList!.map(({ StreamName }) => StreamName), ["yard"]);
});

test("a session's URL is a master playlist with a token of about 200 URL-safe characters", async () => {
  const url = new URL(await emulated.open("door"));
  assert.equal(url.origin, emulated.emulator.url);
  assert.equal(url.pathname, "/hls/v1/getHLSMasterPlaylist.m3u8");
  assert.match(url.search, /^\?SessionToken=Ci[A-C][A-Za-z0-9_-]{190,210}~$/);
});

const range = (start: Date, end?: Date) => ({ StartTimestamp: start, ...(end && { EndTimestamp: end }) });
const producer = { FragmentSelectorType: "PRODUCER_TIMESTAMP" } as const;
const server = { FragmentSelectorType: "SERVER_TIMESTAMP" } as const;
const REFUSED: readonly [string, () => Partial<GetHLSStreamingSessionURLCommandInput>, RegExp][] = [
  ["both names", () => ({ StreamARN: emulated.camera("door").arn }), /Either StreamName or StreamARN/],
  ["no name", () => ({ StreamName: undefined }), /Either StreamName or StreamARN/],
  ["a bad name", () => ({ StreamName: "front door" }), /'"front door"' at 'StreamName'/],
  ["a bad ARN", () => ({ StreamName: undefined, StreamARN: "arn:aws:s3:::door" }), /at 'StreamARN'/],
  ["an unknown mode", () => ({ PlaybackMode: "REPLAY" as "LIVE" }), /'"REPLAY"' at 'PlaybackMode' must be one of LIVE, LIVE_REPLAY, ON_DEMAND/],
  ["a short life", () => ({ Expires: 299 }), /'299' at 'Expires' must be a whole number from 300 to 43200/],
  ["a long life", () => ({ Expires: 43_201 }), /at 'Expires'/],
  ["no fragments at all", () => ({ MaxMediaPlaylistFragmentResults: 0 }), /from 1 to 5000/],
  ["too many fragments", () => ({ MaxMediaPlaylistFragmentResults: 5001 }), /from 1 to 5000/],
  ["transport stream", () => ({ ContainerFormat: "MPEG_TS" }), /FRAGMENTED_MP4 only/],
  ["a live range", () => ({ HLSFragmentSelector: { ...producer, TimestampRange: range(before(9)) } }), /must not be specified when PlaybackMode is LIVE/],
  ["an archive without range", () => ({ PlaybackMode: "ON_DEMAND" }), /StartTimestamp must be specified/],
  ["an archive without end", () => ({ PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { ...producer, TimestampRange: range(before(9)) } }), /EndTimestamp must be specified/],
  ["a replay without start", () => ({ PlaybackMode: "LIVE_REPLAY", HLSFragmentSelector: producer }), /StartTimestamp must be specified/],
  ["an end before the start", () => ({ PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { ...producer, TimestampRange: range(before(9), before(9)) } }), /later than StartTimestamp/],
  ["more than a day", () => ({ PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { ...producer, TimestampRange: range(before(86_500), before(90)) } }), /within 24 hours/],
  ["a future end by the server's clock", () => ({ PlaybackMode: "ON_DEMAND", HLSFragmentSelector: { ...server, TimestampRange: range(before(9), before(-9)) } }), /must be in the past/],
  ["a start before the stream head", () => ({ PlaybackMode: "LIVE_REPLAY", HLSFragmentSelector: { ...server, TimestampRange: range(before(86_500)) } }), /later than the stream head/],
];

for (const [what, input, message] of REFUSED) {
  test(`refused with InvalidArgumentException: ${what}`, async () => {
    await assert.rejects(emulated.open("door", input()), (error: Error) => error.name === "InvalidArgumentException" && message.test(error.message));
  });
}

const failsWith = (name: string, status: number, message: RegExp) => (error: Error & { $metadata: { httpStatusCode: number } }) =>
  error.name === name && error.$metadata.httpStatusCode === status && message.test(error.message);

test("no such stream and no fragments are one error with two texts", async () => {
  await assert.rejects(emulated.open("nope"), failsWith("ResourceNotFoundException", 404, /stream is not found or not active/));
  const past = { ...producer, TimestampRange: range(before(5000), before(4000)) };
  await assert.rejects(emulated.open("door", { PlaybackMode: "ON_DEMAND", HLSFragmentSelector: past }), failsWith("ResourceNotFoundException", 404, /^No fragments found/));
});

test("what a stream's own state refuses", async () => {
  const { description } = emulated.camera("door");
  await assert.rejects(emulated.open("gate"), failsWith("UnsupportedStreamMediaTypeException", 400, /video\/vp9/));
  description.hasCodecPrivateData = false;
  await assert.rejects(emulated.open("door"), failsWith("MissingCodecPrivateDataException", 400, /track 1/));
  description.retentionHours = 0;
  await assert.rejects(emulated.open("door"), failsWith("NoDataRetentionException", 400, /retention/));
  description.status = "DELETING";
  await assert.rejects(emulated.open("door"), failsWith("ResourceNotFoundException", 404, /not active/));
  description.isAuthorized = false;
  await assert.rejects(emulated.open("door"), failsWith("NotAuthorizedException", 401, /not authorized/));
});

const signed = { authorization: `AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/kinesisvideo/aws4_request, SignedHeaders=host, Signature=${"0".repeat(64)}` };
const post = (path: string, body: string, headers: Record<string, string> = signed) =>
  fetch(emulated.emulator.url + path, { method: "POST", headers, body });

test("errors on the wire: status, both type headers, request id, body", async () => {
  const response = await post("/describeStream", '{"StreamName":"nope"}');
  assert.equal(response.status, 404);
  assert.equal(response.headers.get("x-amzn-ErrorType"), "ResourceNotFoundException");
  assert.equal(response.headers.get("x-amz-ErrorType"), "ResourceNotFoundException");
  assert.match(response.headers.get("x-amz-RequestId")!, /^[0-9a-f-]{36}$/);
  const body = await response.json();
  assert.deepEqual(body, { __type: "ResourceNotFoundException", Message: "The requested stream is not found or not active." });
});

test("a body that is no JSON object, and one that lacks what it needs", async () => {
  for (const [path, body, message] of [
    ["/describeStream", "{", /must be JSON/],
    ["/describeStream", "[]", /must be a JSON object|StreamName/],
    ["/getDataEndpoint", '{"StreamName":"door"}', /'APIName' must not be null/],
    ["/listFragments", '{"StreamName":"door"}', /FragmentSelector must be specified/],
    ["/listFragments", '{"StreamName":"door","NextToken":"bm8="}', /NextToken is not valid/],
  ] as const) {
    const response = await post(path, body);
    assert.equal(response.status, 400);
    assert.match(((await response.json()) as { Message: string }).Message, message);
  }
});

test("a path in another spelling is answered 200, as an operation nobody knows", async () => {
  for (const path of ["/GetHLSStreamingSessionURL", "/describestream", "/", "/hls/v1/getHLSMasterPlaylist.m3u8"]) {
    const response = await post(path, "{}", {});
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { Output: { __type: "com.amazon.coral.service#UnknownOperationException" }, Version: "1.0" });
  }
});
