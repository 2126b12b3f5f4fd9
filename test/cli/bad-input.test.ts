import { describe, test, type TestContext } from "node:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kvsFrames } from "../helpers/command.js";
import { assertFailure, type Failure } from "../helpers/failure.js";
import { temporaryDirectory } from "../helpers/test-frame.js";

const NOWHERE = "http://127.0.0.1:9";

interface Case extends Omit<Failure, "code"> {
  readonly title: string;
  readonly flags: readonly string[];
}

const usage: readonly Case[] = [
  { title: "an unknown flag", flags: ["--bogus"], says: /unknown option '--bogus'; see --help/ },
  { title: "a flag without its value", flags: ["--stream-name"], says: /option '--stream-name <name>' argument missing; see --help/ },
  { title: "a number that is none", flags: ["--stream-name", "front", "--target-fps", "five"], says: /--target-fps must be a number or a fraction such as 1\/60, got "five"/ },
  { title: "a number out of range", flags: ["--stream-name", "front", "--target-fps", "0"], says: /--target-fps must be from 0\.0001 to 1000, got 0/ },
  { title: "a time that is none", flags: ["--stream-name", "front", "--wait", "soon"], says: /--wait must be a time such as 500ms, 10s, 5m or 2h, got "soon"/ },
  { title: "no stream", flags: [], says: /--stream-name or --stream-arn is missing: which stream\?/ },
  { title: "both name and ARN", flags: ["--stream-name", "front", "--stream-arn", "arn:aws:kinesisvideo:us-east-1:1:stream/front/1"], says: /give --stream-name or --stream-arn, not both/ },
  { title: "an ARN that is none", flags: ["--stream-arn", "front"], says: /--stream-arn must look like arn:aws:kinesisvideo:REGION:ACCOUNT:stream\/NAME\/NUMBER, got "front"/ },
  { title: "an endpoint without a scheme", flags: ["--stream-name", "front", "--endpoint-url", "localhost:4566"], says: /--endpoint-url must be a URL such as http:\/\/127\.0\.0\.1:4566, got "localhost:4566"/ },
  { title: "an endpoint that makes no sense", flags: ["--stream-name", "front", "--endpoint-url", "http://a b"], says: /--endpoint-url must be a URL such as .*, got "http:\/\/a b"/ },
  { title: "a file name that leads up", flags: ["--stream-name", "front", "--filename", "../{seq}"], says: /--filename must stay inside the output directory, and "..\/\{seq\}" has a "\.\." or "\." segment/ },
  { title: "a file name that is absolute", flags: ["--stream-name", "front", "--filename", "/tmp/{seq}"], says: /--filename must stay inside the output directory, and "\/tmp\/\{seq\}" is an absolute path/ },
  { title: "a placeholder that does not exist", flags: ["--stream-name", "front", "--filename", "{time}"], says: /--filename has an unknown placeholder \{time\}; known are \{camera\} \{seq\}/ },
  { title: "a config file that is not there", flags: ["--config", "absent.json"], says: /--config file "absent\.json" cannot be read: .*no such file/ },
];

const configs: readonly { readonly title: string; readonly text: string; readonly says: RegExp }[] = [
  { title: "is not JSON", text: "stream-name: front\nwait: 5s\n", says: /--config file ".*" is not JSON: Unexpected token/ },
  { title: "is empty", text: "", says: /--config file ".*" is not JSON: Unexpected end of JSON input/ },
  { title: "is no object", text: "[]", says: /--config file ".*" must hold a JSON object of flags and values/ },
  { title: "has an unknown key", text: '{"stream-nam": "front"}', says: /--config file ".*" has an unknown key "stream-nam"; keys are the long flags of pull --help/ },
  { title: "has a bad value", text: '{"stream-name": "front", "target-fps": "five"}', says: /--target-fps must be a number or a fraction such as 1\/60, got "five"/ },
  { title: "has a value of another kind", text: '{"stream-name": ["front"]}', says: /--config file ".*": stream-name must be text or a number, got \["front"\]/ },
];

async function expectUsage(context: TestContext, flags: readonly string[], says: RegExp): Promise<void> {
  assertFailure(await kvsFrames(context, ["pull", "--endpoint-url", NOWHERE, ...flags]), { code: 64, says, isEarly: true });
}

describe("what cannot work is said before anything is asked", { concurrency: 4 }, () => {
  for (const { title, flags, says } of usage) test(`${title} is 64`, (context) => expectUsage(context, flags, says));

  for (const { title, text, says } of configs) {
    test(`a config file that ${title} is 64`, async (context) => {
      const file = join(await temporaryDirectory(context), "config.json");
      await writeFile(file, text);
      await expectUsage(context, ["--config", file], says);
    });
  }
});
