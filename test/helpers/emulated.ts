import { after, before } from "node:test";
import { KinesisVideo } from "@aws-sdk/client-kinesis-video";
import { KinesisVideoArchivedMedia, type GetHLSStreamingSessionURLCommandInput } from "@aws-sdk/client-kinesis-video-archived-media";
import { startEmulator, type Camera, type Emulator, type EmulatorOptions } from "../../src/emulator/index.js";

export const FFMPEG = process.env.FFMPEG ?? "ffmpeg";
export const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };

/** An emulator that runs as long as the tests around it. */
export class Emulated {
  #emulator: Emulator | undefined;

  /** @param prepare what must be done before the emulator starts */
  constructor(options: Omit<EmulatorOptions, "ffmpeg">, prepare?: () => Promise<unknown>) {
    before(async () => {
      await prepare?.();
      this.#emulator = await startEmulator({ ffmpeg: FFMPEG, ...options });
    });
    after(() => this.#emulator?.close());
  }

  get emulator(): Emulator {
    if (this.#emulator === undefined) throw new Error("the emulator has not started");
    return this.#emulator;
  }

  camera(name: string): Camera {
    const camera = this.emulator.cameras.get(name);
    if (camera === undefined) throw new Error(`no camera ${name}`);
    return camera;
  }

  control(credentials = CREDENTIALS): KinesisVideo {
    return new KinesisVideo({ endpoint: this.emulator.url, region: "us-east-1", credentials, maxAttempts: 1 });
  }

  archived(credentials = CREDENTIALS): KinesisVideoArchivedMedia {
    return new KinesisVideoArchivedMedia({ endpoint: this.emulator.url, region: "us-east-1", credentials, maxAttempts: 1 });
  }

  /** URL of a new session's master playlist. */
  async open(streamName: string, input: Partial<GetHLSStreamingSessionURLCommandInput> = {}): Promise<string> {
    const { HLSStreamingSessionURL: url } = await this.archived().getHLSStreamingSessionURL({
      StreamName: streamName,
      DisplayFragmentTimestamp: "ALWAYS",
      ...input,
    });
    if (url === undefined) throw new Error("the answer holds no URL");
    return url;
  }
}
