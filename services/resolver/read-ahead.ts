/** A range of positions, `from` inclusive, `to` exclusive. */
interface Range {
  readonly from: number;
  readonly to: number;
}

export interface ReadAheadOptions<T> extends Range {
  /** Positions of the next read; asked each time, since it follows what was read before. */
  readonly size: () => number;
  /** Reads in flight. */
  readonly concurrency: number;
  readonly read: (range: Range) => Promise<T>;
}

/**
 * Reads a range piece by piece, several at a time, and gives the pieces in order. While the consumer is busy at most
 * `concurrency` pieces are held. The first failure ends it.
 */
export async function* readAhead<T>(options: ReadAheadOptions<T>): AsyncGenerator<T, void, undefined> {
  const started: Promise<T>[] = [];
  let next = options.from;
  const fill = (): void => {
    while (next < options.to && started.length < options.concurrency) {
      const range = { from: next, to: Math.min(options.to, next + Math.max(1, options.size())) };
      const piece = options.read(range);
      // A piece may fail while an earlier one is still awaited; it is reported when its turn comes.
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
