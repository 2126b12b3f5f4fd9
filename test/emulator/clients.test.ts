import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";
import { getText } from "../helpers/playlist.js";
import { runTool } from "../helpers/tool.js";

const emulated = new Emulated({
  cameras: [parseCamera("door=testsrc,size=64x36,loop=2")],
  accessKeys: { [CREDENTIALS.accessKeyId]: CREDENTIALS.secretAccessKey },
});
const environment = () => ({
  ...process.env,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_DEFAULT_REGION: "us-east-1",
  AWS_PAGER: "",
});

function isInstalled(tool: string, ...args: string[]): boolean {
  try {
    execFileSync(tool, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const aws = async (...args: string[]): Promise<unknown> =>
  JSON.parse((await runTool("aws", ["--endpoint-url", emulated.emulator.url, "--output", "json", ...args], environment())).toString());

test("the AWS CLI gets through every call, and shows errors as such", { skip: !isInstalled("aws", "--version") }, async () => {
  const stream = ["--stream-name", "door"];
  const window = `StartTimestamp=${Math.round(Date.now() / 1000) - 30},EndTimestamp=${Math.round(Date.now() / 1000)}`;
  const [described, listed, endpoint, session, fragments] = (await Promise.all([
    aws("kinesisvideo", "describe-stream", ...stream),
    aws("kinesisvideo", "list-streams"),
    aws("kinesisvideo", "get-data-endpoint", ...stream, "--api-name", "GET_HLS_STREAMING_SESSION_URL"),
    aws("kinesis-video-archived-media", "get-hls-streaming-session-url", ...stream, "--playback-mode", "LIVE"),
    aws("kinesis-video-archived-media", "list-fragments", ...stream, "--fragment-selector", `FragmentSelectorType=SERVER_TIMESTAMP,TimestampRange={${window}}`),
  ])) as [{ StreamInfo: { StreamName: string } }, { StreamInfoList: object[] }, { DataEndpoint: string }, { HLSStreamingSessionURL: string }, { Fragments: object[] }];
  assert.equal(described.StreamInfo.StreamName, "door");
  assert.equal(listed.StreamInfoList.length, 1);
  assert.equal(endpoint.DataEndpoint, emulated.emulator.url);
  assert.match(await getText(session.HLSStreamingSessionURL), /^#EXTM3U/);
  assert.ok(fragments.Fragments.length > 10);
  await assert.rejects(aws("kinesisvideo", "describe-stream", "--stream-name", "nope"), /\(ResourceNotFoundException\).*DescribeStream.*not found or not active/);
});

const BOTO3 = `
import boto3, sys, datetime
control = boto3.client("kinesisvideo", endpoint_url=sys.argv[1])
print(control.describe_stream(StreamName="door")["StreamInfo"]["Status"], len(control.list_streams()["StreamInfoList"]))
data = control.get_data_endpoint(StreamName="door", APIName="LIST_FRAGMENTS")["DataEndpoint"]
media = boto3.client("kinesis-video-archived-media", endpoint_url=data)
now = datetime.datetime.now(datetime.timezone.utc)
window = {"StartTimestamp": now - datetime.timedelta(seconds=30), "EndTimestamp": now}
pages = media.get_paginator("list_fragments").paginate(StreamName="door", MaxResults=5, FragmentSelector={"FragmentSelectorType": "PRODUCER_TIMESTAMP", "TimestampRange": window})
print(sum(len(page["Fragments"]) for page in pages))
print(media.get_hls_streaming_session_url(StreamName="door")["HLSStreamingSessionURL"])
try:
    media.get_hls_streaming_session_url(StreamName="door", Expires=300, PlaybackMode="ON_DEMAND")
except media.exceptions.InvalidArgumentException as error:
    print(error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"], error.response["Error"]["Message"])
`;

test("so does boto3", { skip: !isInstalled("python3", "-c", "import boto3") }, async () => {
  const [stream, fragments, url, refusal] = (await runTool("python3", ["-c", BOTO3, emulated.emulator.url], environment())).toString().trim().split("\n");
  assert.equal(stream, "ACTIVE 1");
  // Of two seconds each: those that began in the last 30 s and are listed already.
  assert.ok(Number(fragments) >= 13 && Number(fragments) <= 15, `${fragments} fragments`);
  assert.match(await getText(url!), /^#EXTM3U/);
  assert.match(refusal!, /^400 InvalidArgumentException TimestampRange\.StartTimestamp must be specified/);
});
