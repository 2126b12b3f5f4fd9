import assert from "node:assert/strict";
import { takeSnapshot, type Snapshot, type SnapshotOptions } from "../../src/index.js";
import { readCounter } from "./counter.js";
import { CREDENTIALS, FFMPEG, type Emulated } from "./emulated.js";

/** Takes pictures of an emulator's cameras, and compares them with what the cameras sent. */
export class Snapshots {
  constructor(private readonly emulated: Emulated) {}

  take(streamName: string, options: SnapshotOptions = {}): Promise<Snapshot> {
    const { url } = this.emulated.emulator;
    return takeSnapshot({ endpointUrl: url, region: "us-east-1", credentials: CREDENTIALS, ffmpegPath: FFMPEG, pixelFormat: "rgb24", streamName, ...options });
  }

  /** The picture is the camera's of that place, clean, and so is its time. */
  assertTrue(camera: string, { frame }: Snapshot): void {
    const truth = this.emulated.camera(camera).truth(frame.fragment)?.frames[frame.index];
    assert.ok(truth, `${frame.fragment}/${frame.index} is the camera's`);
    assert.equal(readCounter(frame.data, frame.width, frame.height, 3), truth.counter);
    const exactMs = frame.clock === "producer" ? truth.producerMs : truth.serverMs;
    assert.ok(Math.abs(frame.capturedAt - exactMs) <= 1, `${frame.capturedAt}, wanted ${exactMs}`);
    assert.equal(frame.keyframe, truth.keyframe);
  }
}
