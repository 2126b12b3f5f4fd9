const LONGEST_WARM_UP_MINUTES = 5;

/** The samples after the first five minutes, or the first sixth of shorter runs. */
export function warm(samples) {
  const fromMinute = Math.min(LONGEST_WARM_UP_MINUTES, (samples.at(-1)?.minute ?? 0) / 6);
  return samples.filter(({ minute }) => minute >= fromMinute);
}

/** Line of best fit through values over minutes: its slope an hour, and the standard error of that. */
export function slopePerHour(samples, valueOf) {
  const points = samples.map((sample) => ({ x: sample.minute / 60, y: valueOf(sample) }));
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const spread = sum(points.map((point) => (point.x - x) ** 2));
  const slope = sum(points.map((point) => (point.x - x) * (point.y - y))) / spread;
  const residual = sum(points.map((point) => (point.y - y - slope * (point.x - x)) ** 2));
  return { slope, error: Math.sqrt(residual / (points.length - 2) / spread) };
}

/** By how much the median of the last third is above that of the first. */
export function growth(values) {
  const third = Math.max(1, Math.floor(values.length / 3));
  return median(values.slice(-third)) - median(values.slice(0, third));
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
