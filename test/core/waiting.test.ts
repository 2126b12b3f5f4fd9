import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceEvent } from "../../src/core/events.js";
import { WaitingTracker } from "../../src/core/waiting.js";
import { TEST_TIME, testFrame } from "../helpers/test-frame.js";

const SILENT: SourceEvent = { type: "waiting", reason: "the camera sends nothing new", sinceMs: TEST_TIME };
const UNUSABLE: SourceEvent = { type: "waiting", reason: "cannot decode", sinceMs: TEST_TIME, unusable: 3 };
const FRAGMENT: SourceEvent = { type: "fragment", number: "1", startMs: TEST_TIME, durationMs: 1000, bytes: 1, totalBytes: 1, frames: 10, decoded: 0 };
const SKIPPED: SourceEvent = { type: "skipped", number: "1", startMs: TEST_TIME, durationMs: 1000 };
const FRAME: SourceEvent = { type: "frame", frame: testFrame() };

const isWaitingAfter = (...events: readonly SourceEvent[]): boolean => {
  const tracker = new WaitingTracker();
  for (const event of events) tracker.observe(event);
  return tracker.current !== undefined;
};

test("waiting: silence ends with media, and media of no use with a frame", () => {
  assert.equal(isWaitingAfter(SILENT), true);
  assert.equal(isWaitingAfter(UNUSABLE, FRAGMENT, SKIPPED), true);
  for (const event of [FRAGMENT, SKIPPED, FRAME]) assert.equal(isWaitingAfter(SILENT, event), false, event.type);
  assert.equal(isWaitingAfter(UNUSABLE, FRAME), false);
});
