import type { TimeSpan } from "../../core/stored-time.js";
import { isoTime } from "../../core/time.js";

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000];
const STEPS = [[1, 2, 5, 10, 15, 30].map((n) => n * SECOND), [1, 2, 5, 10, 15, 30].map((n) => n * MINUTE), [1, 2, 3, 6, 12].map((n) => n * HOUR), [1, 2, 7, 14, 28, 84, 364].map((n) => n * DAY)].flat();
/** The longest label, and room to the next. */
const LEAST_APART = 9;

/** Two lines for the foot of a bar: marks at round times in UTC, and these times; the date where the day changes. */
export function axis(range: TimeSpan, columns: number): [string, string] {
  const perColumn = (range.toMs - range.fromMs) / columns;
  const step = STEPS.find((each) => each / perColumn >= LEAST_APART) ?? Infinity;
  let [marks, labels] = ["", ""];
  for (let time = Math.ceil(range.fromMs / step) * step; time < range.toMs; time += step) {
    const column = Math.floor((time - range.fromMs) / perColumn);
    const label = labelOf(time, step);
    if (column + label.length > columns) break;
    marks = `${marks.padEnd(column)}|`;
    labels = labels.padEnd(column) + label;
  }
  return [marks, labels];
}

/** "10:15", "10:15:30" or "11-22". */
function labelOf(time: number, step: number): string {
  const text = isoTime(time);
  if (time % DAY === 0) return text.slice(5, 10);
  return step % MINUTE === 0 ? text.slice(11, 16) : text.slice(11, 19);
}
