import { describe, test } from "node:test";
import { assertFailure } from "../helpers/failure.js";
import { pullFrom } from "../helpers/hostile-run.js";
import { endless, TOKEN, type Asked, type Route } from "../helpers/hostile-service.js";

const FIELDS = { getDataEndpoint: "DataEndpoint", getHLSStreamingSessionURL: "HLSStreamingSessionURL" } as const satisfies Partial<Record<Route, string>>;
type ApiRoute = keyof typeof FIELDS;
const MEBIBYTE = 2 ** 20;

/** Answers with this URL; CANARY stands for the server that must not be asked. */
const gives = (route: ApiRoute, url: string) => ({ [route]: ({ response, canary }: Asked) => response.end(JSON.stringify({ [FIELDS[route]]: url.replace("CANARY", canary.replace("http://", "")) })) });

describe("a session's URL that is none of a web server", { concurrency: 2 }, () => {
  const cases = [
    ["ftp://CANARY/hls/v1/x", 65, /the session's URL is a ftp: address, wanted https: or http:/],
    ["file:///etc/passwd", 65, /the session's URL is a file: address/],
    ["javascript:alert(1)", 65, /the session's URL is a javascript: address/],
    ["http://user:password@CANARY/hls/v1/x", 65, /the session's URL names a user/],
    ["no URL at all", 75, /cannot read the session's URL: the service gave something else/],
    ["/hls/v1/x", 75, /cannot read the session's URL: the service gave something else/],
    ["", 75, /cannot open stream "front": the service gave no URL/],
  ] as const;
  for (const [url, code, says] of cases) {
    const withToken = url.includes("/x") ? `${url}?SessionToken=${TOKEN}` : url;
    test(`${url} is ${code}`, async (context) => assertFailure(await pullFrom(context, gives("getHLSStreamingSessionURL", withToken)), { code, says }));
  }
});

describe("a data endpoint that is none of a web server is no bug of ours", { concurrency: 2 }, () => {
  const cases = [
    ["file:///etc/passwd", /is a file: address, wanted https: or http:/],
    ["javascript:alert(1)", /is a javascript: address/],
    ["ftp://CANARY/", /is a ftp: address/],
    ["http://user:password@CANARY/", /names a user/],
    ["no URL at all", /is none, wanted one that begins with https:\/\/ or http:\/\//],
    ["//", /is none/],
  ] as const;
  for (const [url, fault] of cases) {
    test(url, async (context) => assertFailure(await pullFrom(context, gives("getDataEndpoint", url)), { code: 75, says: new RegExp(`cannot open stream "front": the address that the service gave ${fault.source}`) }));
  }
});

describe("an answer of the service's API that never ends", { concurrency: 2 }, () => {
  for (const route of Object.keys(FIELDS) as ApiRoute[]) {
    const cases = [
      ["fast", `{"x":"${"x".repeat(65_536)}`, 0, /the answer is larger than 1048576 bytes; check --endpoint-url/],
      ["dripping", " ", 50, /no answer in time; check the network/],
    ] as const;
    for (const [what, piece, everyMs, reason] of cases) {
      test(`${what}, to ${route}`, async (context) => assertFailure(await pullFrom(context, { [route]: endless(Buffer.from(piece), everyMs) }), { code: 75, says: new RegExp(`cannot open stream "front": ${reason.source}`) }));
    }

    test(`or is of fifty megabytes, to ${route}`, async (context) => {
      const huge = ({ response }: Asked): unknown => response.end(JSON.stringify({ [FIELDS[route]]: "", x: "x".repeat(50 * MEBIBYTE) }));
      assertFailure(await pullFrom(context, { [route]: huge }), { code: 75, says: /cannot open stream "front": the answer is larger than 1048576 bytes/ });
    });
  }
});
