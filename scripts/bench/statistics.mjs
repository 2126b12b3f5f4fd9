/** Of the middle two, where there are two. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}

/** What a table says of many samples. */
export const summary = (samples) => ({ samples, median: median(samples), min: Math.min(...samples), max: Math.max(...samples) });
