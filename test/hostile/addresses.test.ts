import { describe, test } from "node:test";
import { assertFailure } from "../helpers/failure.js";
import { pullFrom } from "../helpers/hostile-run.js";
import type { Asked, Route } from "../helpers/hostile-service.js";

/** Where the references of a playlist are, by what is fetched from there. */
const REFERENCES = {
  "the media playlist": ["getHLSMasterPlaylist", "getHLSMediaPlaylist"],
  "the init segment": ["getHLSMediaPlaylist", "getMP4InitFragment"],
  "a fragment": ["getHLSMediaPlaylist", "getMP4MediaFragment"],
} as const satisfies Record<string, readonly [Route, Route]>;

const PLACES: Readonly<Record<string, { before: (canary: string) => string; says: RegExp }>> = {
  "another server": { before: (canary) => `${canary}/hls/v1/`, says: /leads to http:\/\/127\.0\.0\.1:\d+: refused, a session has one server/ },
  "another server without a scheme": { before: (canary) => `${canary.replace("http:", "")}/hls/v1/`, says: /leads to http:\/\/127\.0\.0\.1:\d+: refused/ },
  "a user": { before: (canary) => canary.replace("//", "//user:password@").concat("/hls/v1/"), says: /leads to http:\/\/127\.0\.0\.1:\d+: refused/ },
  "a file": { before: () => "file:///etc/", says: /leads to a file: address: refused/ },
  "FTP": { before: (canary) => `${canary.replace("http", "ftp")}/`, says: /leads to a ftp: address: refused/ },
  "data": { before: () => "data:text/plain,", says: /leads to a data: address: refused/ },
  "a path above": { before: () => "../../admin/", says: /leads out of \/hls\/v1\/: refused/ },
  "an escaped path above": { before: () => "%2e%2e/..%2fadmin/", says: /leads out of \/hls\/v1\/: refused/ },
};

describe("a playlist that leads elsewhere is 65, and nobody else is asked", { concurrency: 3 }, () => {
  for (const [what, [route, reference]] of Object.entries(REFERENCES)) {
    for (const [where, { before, says }] of Object.entries(PLACES)) {
      test(`for ${what}, to ${where}`, async (context) => {
        const mislead = ({ response, right, canary }: Asked): unknown => response.end(right.toString().replaceAll(reference, `${before(canary)}${reference}`));
        assertFailure(await pullFrom(context, { [route]: mislead }), { code: 65, says });
      });
    }
  }
});

describe("a redirect is not followed", { concurrency: 3 }, () => {
  const says = (what: string, status: number): RegExp => new RegExp(`cannot get ${what}: it was answered with a redirect \\(status ${status}\\), which is not followed`);
  const cases = [
    ["getHLSMasterPlaylist", 301, "the master playlist"],
    ["getHLSMasterPlaylist", 302, "the master playlist"],
    ["getHLSMasterPlaylist", 307, "the master playlist"],
    ["getHLSMediaPlaylist", 301, "the playlist"],
    ["getHLSMediaPlaylist", 307, "the playlist"],
    ["getMP4InitFragment", 302, "the init segment"],
    ["getMP4MediaFragment", 301, "a fragment"],
    ["getMP4MediaFragment", 307, "a fragment"],
  ] as const;
  for (const [route, status, what] of cases) {
    test(`${status} for ${what}`, async (context) => {
      const redirect = ({ request, response, canary }: Asked): unknown => response.writeHead(status, { location: `${canary}${request.url}` }).end();
      assertFailure(await pullFrom(context, { [route]: redirect }), { code: 75, says: says(what, status) });
    });
  }

  for (const route of ["getDataEndpoint", "getHLSStreamingSessionURL"] as const) {
    test(`307 of ${route}`, async (context) => {
      const redirect = ({ request, response, canary }: Asked): unknown => response.writeHead(307, { location: `${canary}${request.url}` }).end("{}");
      assertFailure(await pullFrom(context, { [route]: redirect }), { code: 75, says: /cannot open stream "front": / });
    });
  }
});
