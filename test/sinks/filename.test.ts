import assert from "node:assert/strict";
import { resolve, sep } from "node:path";
import { test } from "node:test";
import { OptionError } from "../../src/core/errors.js";
import { compileFilename } from "../../src/sinks/filename.js";
import { DEFAULT_TEMPLATE } from "../../src/sinks/formats.js";
import { TEST_TIME, testFrame } from "../helpers/test-frame.js";

const name = (template: string, { seq = 7, cameraId = "front", ...frame }: Parameters<typeof testFrame>[0] & { seq?: number; cameraId?: string } = {}): string =>
  compileFilename(template, { cameraId, extension: "jpg" })({ frame: testFrame(frame), seq });

test("the default name is the capture time in UTC and the position in the fragment, in a folder of the day", () => {
  assert.equal(name(DEFAULT_TEMPLATE, { index: 7 }), "2026-11-22/20261122T101500.120Z_0007.jpg");
});

test("the default name of a frame is the same in every run", () => {
  assert.equal(name(DEFAULT_TEMPLATE, { index: 7, seq: 1 }), name(DEFAULT_TEMPLATE, { index: 7, seq: 2 }));
});

test("default names sort by time, and within one millisecond by position", () => {
  const names = [
    name(DEFAULT_TEMPLATE, { index: 9 }),
    name(DEFAULT_TEMPLATE, { index: 10 }),
    name(DEFAULT_TEMPLATE, { index: 2, capturedAt: TEST_TIME + 1 }),
    name(DEFAULT_TEMPLATE, { index: 1, capturedAt: TEST_TIME + 900 }),
    name(DEFAULT_TEMPLATE, { index: 0, capturedAt: TEST_TIME + 86_400_000 }),
  ];
  assert.deepEqual([...names].sort(), names);
  assert.equal(new Set(names).size, names.length);
});

const templates: [template: string, expected: string][] = [
  ["{camera}/%Y/%m/%d/%H%M%S-%L", "front/2026/11/22/101500-120.jpg"],
  ["{fragment}-{index}.{ext}", "91343852333181432392682062607743492280000000001-0003.jpg"],
  ["latest.jpg", "latest.jpg"],
  ["LATEST.JPG", "LATEST.JPG"],
  ["%s.%L", "1795342500.120.jpg"],
  ["100%%_{seq}", "100%_000007.jpg"],
  ["%-d_%H", "22_10.jpg"],
  ["a{b", "a{b.jpg"],
  ["..hidden_{seq}", "..hidden_000007.jpg"],
];
for (const [template, expected] of templates) {
  test(`${template} gives ${expected}`, () => {
    assert.equal(name(template, { index: 3 }), expected);
  });
}

const refused: [template: string, message: RegExp][] = [
  ["{frame}", /^filename has an unknown placeholder \{frame\}; known are \{camera\} \{seq\}/],
  ["{}", /unknown placeholder \{\}/],
  ["%k_{seq}", /^filename has an unknown time directive "%k"; write %% for a percent sign/],
  ["%c", /unknown time directive/],
  ["%x", /unknown time directive/],
  ["50%", /unknown time directive "%"/],
  ["/tmp/{seq}", /is an absolute path/],
  ["\\tmp\\{seq}", /is an absolute path/],
  ["C:{seq}", /is an absolute path/],
  ["../{seq}", /".." or "." segment/],
  ["a/../../{seq}", /".." or "." segment/],
  ["a\\..\\{seq}", /".." or "." segment/],
  ["a/./{seq}", /".." or "." segment/],
  ["a\0b", /has a NUL character/],
  ["a//b", /has an empty name/],
  ["a/", /has an empty name/],
  ["", /has an empty name/],
];
for (const [template, message] of refused) {
  test(`refuses ${JSON.stringify(template)}`, () => {
    assert.throws(() => compileFilename(template, { cameraId: "front", extension: "jpg" }), (error) => error instanceof OptionError && error.option === "filename" && message.test(error.message));
  });
}

test("no camera and no fragment leads out of the directory", () => {
  const nasty = ["..", ".", "../../etc", "/etc", "a/b", "a\\b", "\0", "...", "~", "", "\n..\n"];
  const root = resolve("/out");
  for (const template of ["{camera}/{seq}", "{camera}", "{fragment}/{camera}/{seq}", ".{camera}/{seq}", "{camera}{fragment}/x"]) {
    for (const cameraId of nasty) {
      for (const fragment of nasty) {
        const result = name(template, { cameraId, fragment });
        assert.ok(resolve(root, result).startsWith(root + sep), `${template} gave ${JSON.stringify(result)}`);
        assert.equal(result.split("/").length, template.split("/").length, `${template} gave ${JSON.stringify(result)}`);
      }
    }
  }
});
