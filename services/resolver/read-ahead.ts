/** A range of positions, `from` inclusive, `to` exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ReadAheadOptions<T> extends Range {
  /** Returns the positions of the next read. Called for each read, since it depends on the rows before. */
  readonly size: () => number;
  /** Reads in flight. */
  readonly concurrency: number;
  readonly read: (range: Range) => Promise<T>;
}

/**
 * Reads a range in pieces, several at a time, and yields them in order. Holds at most `concurrency` pieces while the
 * consumer is busy. Throws the first failure in that order.
 */
export async function* readAhead<T>(options: ReadAheadOptions<T>): AsyncGenerator<T, void, undefined> {
  const started: Promise<T>[] = [];
  let next = options.from;
  const fill = (): void => {
    while (next < options.to && started.length < options.concurrency) {
      const range = { from: next, to: Math.min(options.to, next + Math.max(1, options.size())) };
      const piece = options.read(range);
      // A piece may fail while an earlier one is awaited. The failure is reported in its turn.
      piece.catch(() => undefined);
      started.push(piece);
      next = range.to;
    }
  };
  for (;;) {
    fill();
    const piece = started.shift();
    if (piece === undefined) return;
    const read = await piece;
    // The next read starts before the consumer works on this piece.
    fill();
    yield read;
  }
}
