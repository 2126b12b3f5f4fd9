import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCamera } from "../../src/emulator/index.js";
import { CREDENTIALS, Emulated } from "../helpers/emulated.js";

const cameras = [parseCamera("door=testsrc,size=64x36,loop=2")];
const open = new Emulated({ cameras });
const guarded = new Emulated({ cameras, accessKeys: { [CREDENTIALS.accessKeyId]: CREDENTIALS.secretAccessKey } });

test("a signature by a known key is verified and taken", async () => {
  assert.equal((await guarded.control().describeStream({ StreamName: "door" })).StreamInfo?.StreamName, "door");
  assert.match(await guarded.open("door"), /SessionToken=/);
  const withToken = { ...CREDENTIALS, sessionToken: "temporary+/=" };
  assert.ok(await guarded.control(withToken).listStreams({}));
});

const failsWith = (name: string) => (error: Error & { $metadata: { httpStatusCode: number } }) =>
  error.name === name && error.$metadata.httpStatusCode === 403;

test("a wrong secret, an unknown key and a missing signature are told apart", async () => {
  await assert.rejects(guarded.control({ ...CREDENTIALS, secretAccessKey: "wrong" }).listStreams({}), failsWith("InvalidSignatureException"));
  await assert.rejects(guarded.control({ ...CREDENTIALS, accessKeyId: "AKIDOTHER" }).listStreams({}), failsWith("UnrecognizedClientException"));
  for (const authorization of [undefined, "Bearer abc", "AWS4-HMAC-SHA256 Credential=a"]) {
    const response = await fetch(`${open.emulator.url}/listStreams`, { method: "POST", body: "{}", headers: authorization === undefined ? {} : { authorization } });
    assert.equal(response.status, 403);
    assert.equal(response.headers.get("x-amzn-ErrorType"), "MissingAuthenticationTokenException");
  }
});

test("a body changed on the way breaks the signature", async () => {
  const client = guarded.control();
  client.middlewareStack.add((next) => (args) => {
    (args.request as { body: string }).body = '{"MaxResults":7}';
    return next(args);
  }, { step: "finalizeRequest", priority: "low" });
  await assert.rejects(client.listStreams({ MaxResults: 5 }), failsWith("InvalidSignatureException"));
});

test("without known keys, any signature will do", async () => {
  assert.ok(await open.control({ accessKeyId: "ANY", secretAccessKey: "any" }).listStreams({}));
});
