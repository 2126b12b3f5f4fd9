/** Hands on stretches of values that have the same key, each as a sequence of its own, one after the other. */
export async function* inRuns<T, K, R>(values: AsyncIterable<T>, keyOf: (value: T) => K, use: (run: AsyncGenerator<T>, key: K) => AsyncIterable<R>): AsyncGenerator<R> {
  const iterator = values[Symbol.asyncIterator]();
  try {
    let next = await iterator.next();
    while (!next.done) {
      const key = keyOf(next.value);
      const run = async function* (): AsyncGenerator<T> {
        for (; !next.done && keyOf(next.value) === key; next = await iterator.next()) yield next.value;
      };
      yield* use(run(), key);
    }
  } finally {
    await iterator.return?.();
  }
}
