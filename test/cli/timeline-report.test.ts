import assert from "node:assert/strict";
import { test } from "node:test";
import { axis } from "../../src/cli/timeline/axis.js";
import { bar, charactersFor, shares } from "../../src/cli/timeline/bar.js";
import { formatBytes, formatDuration, formatShare } from "../../src/cli/timeline/quantities.js";
import { report } from "../../src/cli/timeline/report.js";
import type { StoredFragment } from "../../src/core/stored-fragment.js";
import { storedTime } from "../../src/core/stored-time.js";

const [SECOND, MINUTE, HOUR] = [1000, 60_000, 3_600_000];
const FROM_MS = Date.parse("2026-11-21T20:00:00Z");
const range = { clock: "producer" as const, fromMs: FROM_MS, toMs: FROM_MS + 24 * HOUR };
/** Minutes into the range without media, and for how long. */
const OUTAGES: readonly (readonly [number, number])[] = [[0, 31.5], [240, 75], [600, 0.2], ...Array.from({ length: 12 }, (_, i) => [800 + 20 * i, 1 + i / 10] as const)];

/** Fragments of ten seconds at 25 frames a second, but for those in an outage. */
function fragments(): StoredFragment[] {
  const starts = Array.from({ length: 8640 }, (_, i) => FROM_MS + 10 * SECOND * i);
  const isStored = (time: number): boolean => !OUTAGES.some(([at, lasts]) => time >= FROM_MS + at * MINUTE && time < FROM_MS + (at + lasts) * MINUTE);
  return starts.filter(isStored).map((time) => ({ number: String(time), bytes: 1_250_000, startMs: { producer: time, server: time + 300 }, lengthMs: 9960 }));
}

const timeline = { range, ...storedTime(fragments(), range, 50) };

const GOLDEN = `front-door  2026-11-21 20:00:00 to 2026-11-22 20:00:00 UTC (producer clock)

  ·▒██████████▒···▒██████████████▓██████████▓▓▓▓▓▓▓▓▓▓▓▓██████████████████████
     |        |         |        |         |        |         |        |
     21:00    11-22     03:00    06:00     09:00    12:00     15:00    18:00

stored     21 h 53 m of 1 d 00 h (91.2 %) in 15 stretches
fragments  7,883, 9.9 GB
oldest     2026-11-21 20:31:30.000
newest     2026-11-22 20:00:00.000
gaps       15, the longest 1 h 15 m

  from (UTC)               to                             length
  2026-11-21 20:00:00.000  2026-11-21 20:31:30.000     31 m 30 s
  2026-11-22 00:00:00.000  2026-11-22 01:15:00.000      1 h 15 m
  2026-11-22 10:00:00.000  2026-11-22 10:01:20.000      1 m 20 s
  2026-11-22 10:20:00.000  2026-11-22 10:21:20.000      1 m 20 s
  2026-11-22 10:40:00.000  2026-11-22 10:41:30.000      1 m 30 s
  2026-11-22 11:00:00.000  2026-11-22 11:01:30.000      1 m 30 s
  2026-11-22 11:20:00.000  2026-11-22 11:21:40.000      1 m 40 s
  2026-11-22 11:40:00.000  2026-11-22 11:41:50.000      1 m 50 s
  2026-11-22 12:00:00.000  2026-11-22 12:01:50.000      1 m 50 s
  2026-11-22 12:20:00.000  2026-11-22 12:22:00.000      2 m 00 s
  2026-11-22 12:40:00.000  2026-11-22 12:42:00.000      2 m 00 s
  2026-11-22 13:00:00.000  2026-11-22 13:02:10.000      2 m 10 s
  … and 3 shorter; --json has them all
`;

const ESCAPE = String.fromCharCode(27);
const blocks = { characters: "blocks", isColored: false } as const;

test("the report, as it was looked at and found good; no line is longer than 80 columns", () => {
  const text = report(timeline, "front-door", blocks);
  assert.equal(text, GOLDEN);
  assert.ok(text.split("\n").every(({ length }) => length <= 80));
});

test("without blocks it is all ASCII, and otherwise the same", () => {
  const text = report(timeline, "front-door", { characters: "ascii", isColored: false });
  assert.match(text, /^[\n -~]+$/);
  const same = (line: string, at: number): boolean => at === 2 || line.replace("…", "...") === text.split("\n")[at];
  assert.ok(GOLDEN.split("\n").every(same));
});

test("colours only add to it", () => {
  const text = report(timeline, "front-door", { ...blocks, isColored: true });
  const escapes = new RegExp(`${ESCAPE}\\[(\\d+)m`, "g");
  assert.equal(text.replaceAll(escapes, ""), GOLDEN);
  assert.match(text.replaceAll(escapes, "<$1>"), /^ {2}<31>·<0><33>▒<0><32>█+<0><33>▒<0><31>···<0>/m);
});

test("a name that leaves no room for the range has a line of its own", () => {
  assert.equal(report(timeline, "a-camera-with-a-name-of-its-own", blocks).split("\n")[0], "a-camera-with-a-name-of-its-own");
});

test("a range without gaps says so", () => {
  const part = { ...range, fromMs: FROM_MS + 2 * HOUR, toMs: FROM_MS + 3 * HOUR };
  const text = report({ range: part, ...storedTime(fragments(), part, 50) }, "front-door", blocks);
  assert.match(text, /^ {2}█{76}$/m);
  assert.match(text, /^stored +1 h 00 m of 1 h 00 m \(100 %\) in 1 stretch$/m);
  assert.match(text, /^gaps +none$/m);
});

test("a column shows how much of it is stored, whatever the stretches in it", () => {
  const hundred = { fromMs: 0, toMs: 100 };
  assert.deepEqual(shares(hundred, [{ fromMs: 0, toMs: 25 }, { fromMs: 30, toMs: 35 }, { fromMs: 37, toMs: 40 }, { fromMs: 90, toMs: 100 }], 10), [1, 1, 0.5, 0.8, 0, 0, 0, 0, 0, 1]);
  assert.equal(bar([0, 0.004, 0.01, 0.34, 0.67, 0.99, 0.996, 1], "blocks"), "··░▒▓▓██");
  assert.equal(bar([0, 0.2, 0.5, 0.9, 1], "ascii"), ".-=+#");
});

test("blocks are drawn where the locale has them, and the terminal too", () => {
  assert.equal(charactersFor({ LANG: "en_US.UTF-8", TERM: "xterm" }), "blocks");
  for (const env of [{}, { LANG: "C" }, { LANG: "en_US.UTF-8", LC_ALL: "C" }, { LANG: "C.UTF-8", TERM: "dumb" }]) assert.equal(charactersFor(env), "ascii");
});

test("the axis has round times, as many as have room, and the date at midnight", () => {
  for (const [lasts, first] of [[10 * SECOND, "20:00:00"], [HOUR, "20:00"], [24 * HOUR, "21:00"], [30 * 24 * HOUR, "11-26"]] as const) {
    const [marks, labels] = axis({ fromMs: FROM_MS, toMs: FROM_MS + lasts }, 76);
    const places = [...marks].flatMap((mark, at) => (mark === "|" ? [at] : []));
    assert.ok(places.length >= 3 && labels.length <= 76, labels);
    assert.deepEqual(places, [...labels.matchAll(/\S+/g)].map(({ index }) => index));
    assert.ok(labels.trim().startsWith(first), labels);
  }
});

test("quantities have two units, and a share is whole only when it is", () => {
  assert.deepEqual([0, 350, 12_340, 59_949, 59_950, 750_000, 3_599_900, 85_260_000, 270_000_000].map(formatDuration), ["0 ms", "350 ms", "12.3 s", "59.9 s", "1 m 00 s", "12 m 30 s", "1 h 00 m", "23 h 41 m", "3 d 03 h"]);
  assert.deepEqual([0, 999, 1000, 8_400_000, 5.1e9].map(formatBytes), ["0 B", "999 B", "1.0 kB", "8.4 MB", "5.1 GB"]);
  assert.deepEqual([0, 0.00001, 0.5, 0.99999, 1].map(formatShare), ["0 %", "0.1 %", "50.0 %", "99.9 %", "100 %"]);
});
