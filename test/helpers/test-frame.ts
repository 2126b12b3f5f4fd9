import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { frameBytes, type Frame } from "../../src/core/frame.js";

/** 2026-11-22T10:15:00.120Z */
export const TEST_TIME = Date.UTC(2026, 10, 22, 10, 15, 0, 120);

/** A grey frame of 16 x 8, with whatever the test is about. */
export function testFrame(given: Partial<Frame> = {}): Frame {
  const frame = {
    pixelFormat: "rgb24" as const,
    width: 16,
    height: 8,
    capturedAt: TEST_TIME,
    clock: "producer" as const,
    receivedAt: TEST_TIME + 2310,
    fragment: "91343852333181432392682062607743492280000000001",
    index: 0,
    keyframe: true,
    pts: 0,
    ...given,
  };
  return { data: Buffer.alloc(frameBytes(frame.pixelFormat, frame.width, frame.height), 128), ...frame };
}

/** Frames of one fragment, `fps` a second from TEST_TIME. */
export const testFrames = (count: number, { fps = 10, ...given }: Partial<Frame> & { fps?: number } = {}): Frame[] =>
  Array.from({ length: count }, (_, index) =>
    testFrame({ capturedAt: TEST_TIME + (index * 1000) / fps, receivedAt: TEST_TIME + (index * 1000) / fps + 2310, index, keyframe: index === 0, ...given }),
  );

/** A directory that goes with the test; `release` is called before it goes. */
export async function temporaryDirectory(context: TestContext, release?: (directory: string) => void): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "kvs-frames-"));
  context.after(async () => {
    release?.(directory);
    await rm(directory, { recursive: true, force: true });
  });
  return directory;
}
