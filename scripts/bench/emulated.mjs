import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { KinesisVideoArchivedMedia } from "@aws-sdk/client-kinesis-video-archived-media";

const PROGRAM = fileURLToPath(new URL("emulator-process.mjs", import.meta.url));
const CREDENTIALS = { accessKeyId: "any", secretAccessKey: "any" };
const REGION = "us-east-1";
/** The SDK warns of Node 20 on stderr, where progress is told. */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
/** The service takes one session a second on a stream. */
const OPENING_MS = 1000;
/** An answer whose client has hung up is noted a little later. */
const NOTED_WITHIN_MS = 200;

/** What contenders need in their environment to reach it. */
export const SERVICE_ENV = { AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey, AWS_REGION: REGION };

/** The emulator, running in a process of its own. */
export class Emulated {
  url;
  #child = fork(PROGRAM, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  #waiting = new Map();
  #lastId = 0;
  #openedAt = new Map();

  constructor() {
    this.#child.on("message", ({ id, value, error }) => {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) resolve(value);
      else reject(new Error(`the emulator: ${error}`));
    });
    this.#child.on("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the emulator has ended"));
    });
  }

  /** @param options ffmpeg's path, cameras ({ name, clip, historySeconds }), limits, ranges, linkMbps */
  static async start(options) {
    const emulated = new Emulated();
    try {
      emulated.url = await emulated.#call("start", options);
      return emulated;
    } catch (error) {
      emulated.close();
      throw error;
    }
  }

  archive(camera, seconds) {
    return this.#call("archive", { camera, seconds });
  }

  /** Numbers of the fragments that a camera has been asked for so far, in order. */
  asked(camera) {
    return this.#call("asked", { camera });
  }

  listings(camera, numbers) {
    return this.#call("listings", { camera, numbers });
  }

  /** Requests that were answered since this was last asked. */
  async requests() {
    await sleep(NOTED_WITHIN_MS);
    return this.#call("requests");
  }

  /** URL of a new session: LIVE, or ON_DEMAND over an archive's bounds. */
  async openSession(camera, archive) {
    await sleep((this.#openedAt.get(camera) ?? 0) + OPENING_MS - Date.now());
    this.#openedAt.set(camera, Date.now());
    const client = new KinesisVideoArchivedMedia({ endpoint: this.url, region: REGION, credentials: CREDENTIALS });
    const range = archive && { StartTimestamp: new Date(archive.startMs), EndTimestamp: new Date(archive.endMs - 1) };
    const { HLSStreamingSessionURL: url } = await client.getHLSStreamingSessionURL({
      StreamName: camera,
      PlaybackMode: archive ? "ON_DEMAND" : "LIVE",
      ...(range && { HLSFragmentSelector: { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange: range } }),
      MaxMediaPlaylistFragmentResults: archive ? 1000 : 5,
      Expires: 3600,
    }).finally(() => client.destroy());
    return url;
  }

  close() {
    this.#child.kill("SIGKILL");
  }

  #call(call, args = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, call, args }, (error) => error && reject(error));
    });
  }
}
