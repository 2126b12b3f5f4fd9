import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parseCamera, type RequestHook } from "../../src/emulator/index.js";
import { Command, recordsOf } from "../helpers/command.js";
import { Emulated } from "../helpers/emulated.js";
import { descendants } from "../helpers/processes.js";

const KEY = { AWS_ACCESS_KEY_ID: "AKIDSECRETS", AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI+K7MDENG+bPxRfiCYEXAMPLEKEY", AWS_SESSION_TOKEN: "FwoGZXIvYXdzEXAMPLESESSIONTOKEN" };

/** Tokens of all sessions that were opened. */
const issued = new Set<string>();
/** The fragments that were asked of each stream, in order. */
const asked = new Map<string, Set<string>>();

/** Sees every session URL on its way out, and spoils what some streams serve. */
const onRequest: RequestHook = ({ operation, streamName = "", query }) => {
  if (operation === "GetHLSStreamingSessionURL") {
    return {
      body: (answer) => {
        const token = /SessionToken=([^"&]+)/.exec(answer.toString())?.[1];
        if (token !== undefined) issued.add(token);
        return answer;
      },
    };
  }
  if (operation === "GetMP4MediaFragment" && streamName.startsWith("holes")) {
    // The second one is never had, however often it is asked for; the others are.
    const numbers = asked.get(streamName) ?? new Set();
    asked.set(streamName, numbers.add(query.get("FragmentNumber") ?? ""));
    return [...numbers][1] === query.get("FragmentNumber") ? { status: 500, body: "broken" } : undefined;
  }
  if (operation === "GetHLSMediaPlaylist" && streamName.startsWith("foreign")) {
    // Late, because it ends the run, and the metrics are to be read before.
    return { delayMs: 1500, body: (playlist) => Buffer.from(playlist.toString().replaceAll("getMP4", "https://elsewhere.invalid/getMP4")) };
  }
  return undefined;
};

const FORMATS = ["text", "json"];
const emulated = new Emulated({
  accessKeys: { [KEY.AWS_ACCESS_KEY_ID]: KEY.AWS_SECRET_ACCESS_KEY },
  limits: false,
  sessionSeconds: 3,
  onRequest,
  cameras: FORMATS.flatMap((format) => ["plain", "holes", "foreign"].map((name) => parseCamera(`${name}-${format}=testsrc,size=64x36,fps=25,fragment=1,loop=4`))),
});

interface Heard {
  readonly command: Command;
  readonly stderr: string;
  readonly manifest: string;
  /** Everything that anyone could see of the run. */
  readonly all: string;
}

/** Pulls with everything said that can be said, and listens in everywhere while it lasts. */
async function listenIn(context: TestContext, stream: string, format: string, flags: readonly string[], meanwhile?: (command: Command) => Promise<void>): Promise<Heard> {
  const argv = ["pull", "--endpoint-url", emulated.emulator.url, "--stream-name", `${stream}-${format}`, "--out", "-", "--manifest", "frames.ndjson"];
  const told = ["--log-level", "trace", "--log-format", format, "--metrics-port", "0"];
  const command = await Command.start(context, [...argv, ...told, "--reconnect-delay", "0.1s", "--max-reconnect-delay", "0.1s", ...flags], { env: KEY });
  const heard: string[] = [];
  let isOver = false;
  const ended = command.ended.finally(() => (isOver = true));
  const acting = meanwhile?.(command);
  while (!isOver) {
    for (const child of await descendants(command)) {
      heard.push(child.command);
      // Between fork and exec a child is still its parent.
      if (child.command.includes("-protocol_whitelist")) assert.deepEqual(child.environment.filter((entry) => entry.startsWith("AWS_")), [], "a child gets no credentials at all");
    }
    heard.push(await scrape(command.stderr));
    await Promise.race([sleep(50), ended]);
  }
  await acting;
  const { stderr, stdout } = await ended;
  const manifest = await readFile(join(command.directory, "frames.ndjson"), "utf8");
  assert.ok(heard.some((text) => text.includes("kvs_hls_frames_total")), "the metrics were read");
  return { command, stderr, manifest, all: [...heard, stderr, stdout.toString("latin1"), manifest].join("\n") };
}

async function scrape(stderr: string): Promise<string> {
  const url = /metrics at (http:\/\/[\d.:]+)/.exec(stderr)?.[1];
  if (url === undefined) return "";
  const pages = await Promise.all(["metrics", "readyz", "livez"].map((page) => fetch(`${url}/${page}`).then((answer) => answer.text(), () => "")));
  return pages.join("\n");
}

function assertDiscreet({ all }: Heard): void {
  assert.ok(issued.size > 0 && [...issued].every((token) => token.length > 20));
  for (const token of issued) {
    for (const form of new Set([token, decodeURIComponent(token), encodeURIComponent(token)])) assert.ok(!all.includes(form), "a session's token was told");
  }
  assert.ok(!/SessionToken=(?!…)/.test(all));
  assert.ok(!all.includes(KEY.AWS_SECRET_ACCESS_KEY) && !all.includes(encodeURIComponent(KEY.AWS_SECRET_ACCESS_KEY)), "the secret access key was told");
  assert.ok(!all.includes(KEY.AWS_SESSION_TOKEN), "the credentials' session token was told");
}

/** Ends the decoder once frames came, as a fault in it would. */
async function killDecoder(command: Command): Promise<void> {
  while (!/frame of /.test(command.stderr)) await sleep(20);
  for (const { pid } of await descendants(command)) process.kill(pid, "SIGKILL");
}

describe("no token and no key is told anywhere", { concurrency: 3 }, () => {
  for (const format of FORMATS) {
    test(`by a run that ends as it should, in ${format}`, async (context) => {
      const heard = await listenIn(context, "plain", format, ["--max-frames", "80"]);
      assert.ok(heard.all.includes("-protocol_whitelist pipe"), "the decoder's command line was read");
      assertDiscreet(heard);
    });

    test(`by one whose sessions end, in ${format}`, async (context) => {
      const heard = await listenIn(context, "plain", format, ["--duration", "7s"]);
      assert.ok(recordsOf(Buffer.from(heard.manifest)).some(({ type, reason }) => type === "session" && reason === "expired"));
      assertDiscreet(heard);
    });

    test(`by one that cannot have a fragment, in ${format}`, async (context) => {
      const heard = await listenIn(context, "holes", format, ["--max-frames", "40"]);
      assert.ok(recordsOf(Buffer.from(heard.manifest)).some(({ type, cause }) => type === "gap" && cause === "fragment"));
      assert.match(heard.stderr, /cannot get a fragment: it was answered with status 500/);
      assertDiscreet(heard);
    });

    test(`by one whose playlists lead elsewhere, in ${format}`, async (context) => {
      const heard = await listenIn(context, "foreign", format, []);
      assert.match(heard.stderr, /a playlist of http:\/\/127\.0\.0\.1:\d+ leads to https:\/\/elsewhere\.invalid: refused/);
      assertDiscreet(heard);
    });

    test(`by one whose decoder is killed, in ${format}`, async (context) => {
      const heard = await listenIn(context, "plain", format, ["--duration", "3s"], killDecoder);
      assert.match(heard.stderr, /ffmpeg ended with signal SIGKILL/);
      assertDiscreet(heard);
    });
  }
});
