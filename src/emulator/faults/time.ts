import ms, { type StringValue } from "ms";

const DECIMAL = /^-?\d+(\.\d+)?$/;
const LONGEST_TEXT = 100;

/** Milliseconds of "500ms", "10s", "5m" or "2h"; a plain number, also as text, is seconds. NaN of anything else. */
export function milliseconds(value: unknown): number {
  if (typeof value === "number") return value * 1000;
  if (typeof value !== "string" || value === "" || value.length > LONGEST_TEXT) return NaN;
  return DECIMAL.test(value) ? Number(value) * 1000 : ((ms(value as StringValue) as number | undefined) ?? NaN);
}
