import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compilePath } from "../../src/cli/snapshot/plan.js";
import { safeSegment } from "../../src/sinks/filename.js";
import { testFrame } from "../helpers/test-frame.js";

const named = { frame: testFrame(), seq: 0 };
const options = { cameraId: "front", extension: "jpg", option: "out", isExact: true };

describe("on Windows", () => {
  const segments: readonly (readonly [string, string])[] = [
    ["front-door", "front-door"], ["a:b", "a_b"], ["a?b*c", "a_b_c"], ["CON", "CON_"], ["nul", "nul_"], ["Com1.jpg", "Com1_.jpg"], ["LPT9", "LPT9_"],
    ["COM", "COM"], ["console", "console"], ["COM10", "COM10"], ["aux.front", "aux_.front"], ["door.", "door_"], ["door ", "door_"], ['a"<>|', "a____"],
  ];
  for (const [value, expected] of segments) test(`the name ${JSON.stringify(value)} becomes ${JSON.stringify(expected)}`, () => assert.equal(safeSegment(value, true), expected));

  const paths: readonly (readonly [string, string])[] = [
    ["C:\\pics\\door.jpg", "C:\\pics\\door.jpg"], ["C:/pics/{camera}.jpg", "C:\\pics\\front.jpg"], ["C:door.jpg", "C:door.jpg"],
    ["\\\\server\\share\\{camera}.{ext}", "\\\\server\\share\\front.jpg"], ["pics\\{camera}\\door.jpg", "pics\\front\\door.jpg"], ["door.jpg", "door.jpg"],
  ];
  for (const [template, expected] of paths) test(`a picture goes to ${template}`, () => assert.equal(compilePath(template, options, true)(named), expected));

  test("what follows a placeholder stays below it", () => assert.throws(() => compilePath("C:\\{camera}\\..\\..\\x.jpg", options, true), /out must stay inside/));
});

describe("elsewhere", () => {
  test("such names are names like others", () => assert.deepEqual(["CON", "a:b"].map((name) => safeSegment(name, false)), ["CON", "a:b"]));
  test("a backslash ends no directory", () => assert.throws(() => compilePath("C:\\pics\\door.jpg", options, false), /is an absolute path/));
});
