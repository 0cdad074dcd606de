/** What `source` gives, read up to `most` values before they are asked for: a slow taker then does not keep the source busy. */
export async function* readAhead<T>(source: AsyncGenerator<T>, most: number): AsyncGenerator<T> {
  const asked: Promise<IteratorResult<T>>[] = [];
  const ask = () => {
    const next = source.next();
    // Whoever waits for it gets the failure.
    next.catch(() => undefined);
    asked.push(next);
  };
  try {
    for (let count = 0; count < most; count++) ask();
    for (;;) {
      const result = await asked.shift()!;
      if (result.done) return;
      ask();
      yield result.value;
    }
  } finally {
    await source.return(undefined);
  }
}
