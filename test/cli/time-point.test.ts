import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { OptionError } from "../../src/core/errors.js";
import { timePoint } from "../../src/cli/time-point.js";

const NOW = Date.UTC(2026, 10, 22, 12);
const read = timePoint(() => NOW)("start");

const MEANT: Readonly<Record<string, string>> = {
  "2026-11-22T10:15:00Z": "2026-11-22T10:15:00.000Z",
  "2026-11-22T10:15:00.120Z": "2026-11-22T10:15:00.120Z",
  "2026-11-22T10:15:00,5+01:00": "2026-11-22T09:15:00.500Z",
  "2026-11-22T10:15-0330": "2026-11-22T13:45:00.000Z",
  "2026-11-22 10:15": "2026-11-22T10:15:00.000Z",
  "2026-11-22": "2026-11-22T00:00:00.000Z",
  "1795342500": "2026-11-22T10:15:00.000Z",
  "1795342500.12": "2026-11-22T10:15:00.120Z",
  "1795342500120": "2026-11-22T10:15:00.120Z",
  "0": "1970-01-01T00:00:00.000Z",
  now: "2026-11-22T12:00:00.000Z",
  "-2h": "2026-11-22T10:00:00.000Z",
  "now-90s": "2026-11-22T11:58:30.000Z",
  "now - 1.5h": "2026-11-22T10:30:00.000Z",
  "-30": "2026-11-22T11:59:30.000Z",
  "+5m": "2026-11-22T12:05:00.000Z",
};

describe("a moment", () => {
  for (const [text, meant] of Object.entries(MEANT)) {
    test(`${text} is ${meant}`, () => assert.equal(new Date(read(text)).toISOString(), meant));
  }

  for (const text of ["", "yesterday", "2h", "2026-13-01", "2026-11-22T25:00Z", "10:15", "-", "-2 fortnights", "22/11/2026", "1e9", "now now", "NaN"]) {
    test(`"${text}" is refused`, () => {
      assert.throws(() => read(text), (error) => error instanceof OptionError && error.message === `start must be a time such as 2026-11-22T10:15:00Z, 1795342500, now or -2h, got "${text}"`);
    });
  }
});
