import { OptionError } from "../core/errors.js";
import { secondsOf, type Reader } from "./flag-values.js";

const WANTED = "a time such as 2026-11-22T10:15:00Z, 1795342500, now or -2h";
/** A date, or a date and a time; UTC unless it says otherwise, like every time that comes out of here. */
const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?))?(Z|[+-]\d\d:?\d\d)?$/i;
const EPOCH = /^\d{1,11}(?:\.\d{1,9})?$/;
const EPOCH_MS = /^\d{12,14}$/;
const RELATIVE = /^(?:now)?\s*(-|\+)\s*(.+)$/;

/** A moment, Unix epoch milliseconds: ISO 8601, seconds or milliseconds of the Unix epoch, `now`, or before it (-2h). */
export const timePoint = (now: () => number = Date.now) => (option: string): Reader<number> => (given) => {
  const timeMs = read(given.trim(), now());
  if (!Number.isFinite(timeMs)) throw new OptionError(`${option} must be ${WANTED}, got "${given}"`, option);
  return timeMs;
};

function read(text: string, nowMs: number): number {
  if (text === "now") return nowMs;
  if (EPOCH_MS.test(text)) return Number(text);
  if (EPOCH.test(text)) return Number(text) * 1000;
  const [, date, time = "00:00", zone = "Z"] = ISO.exec(text) ?? [];
  if (date !== undefined) return Date.parse(`${date}T${time.replace(",", ".")}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()}`);
  const [, sign, distance = ""] = RELATIVE.exec(text) ?? [];
  return nowMs + (sign === "-" ? -1 : 1) * secondsOf(distance) * 1000;
}
