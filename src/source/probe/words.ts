const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
] as const;

/** "1.62 s", "40 ms", "2.5 h": three figures of a length of time in milliseconds. */
export function readable(ms: number): string {
  const size = Math.abs(ms);
  // From three minutes on, and not from one: 90 s are clearer than 1.5 min.
  const [unit, length] = UNITS.find(([name, milliseconds]) => size >= milliseconds * (name === "min" ? 3 : 1)) ?? (["ms", 1] as const);
  return `${Number(Number((ms / length).toPrecision(3)).toFixed(2))} ${unit}`;
}
