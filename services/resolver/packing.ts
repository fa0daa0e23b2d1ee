import { encodedBytes, type EncodedRow } from '@waybill/batch-payload';

/** Row at one position of the frozen list; undefined if the contact was deleted. */
export type ReadRow = EncodedRow | undefined;

/** Limits of a batch. Sizes are those of the encoded rows before compression. */
export interface BatchSize {
  /** A batch of this size is full. */
  readonly targetBytes: number;
  /** A row that would exceed this starts the next batch. A single larger row is a batch of its own. */
  readonly maximumBytes: number;
  /** Most positions of a batch: deleted contacts take no bytes. */
  readonly maximumPositions: number;
}

/**
 * Returns how many positions from the front of `pending` are the next batch; undefined if more rows must be read first.
 * `ended` is true if nothing comes after `pending`.
 */
export function cutBatch(pending: readonly ReadRow[], size: BatchSize, ended: boolean): number | undefined {
  let bytes = 0;
  for (const [index, row] of pending.entries()) {
    const rowBytes = row === undefined ? 0 : encodedBytes(row);
    if (bytes > 0 && bytes + rowBytes > size.maximumBytes) return index;
    bytes += rowBytes;
    if (bytes >= size.targetBytes || index + 1 >= size.maximumPositions) return index + 1;
  }
  return ended && pending.length > 0 ? pending.length : undefined;
}

/** Returns the sum of the encoded sizes. */
export function bytesOf(rows: readonly EncodedRow[]): number {
  return rows.reduce((sum, row) => sum + encodedBytes(row), 0);
}

/** Limits of one read of contacts. */
export interface ReadSize {
  readonly minimum: number;
  readonly maximum: number;
  /** Encoded bytes that one read should return. */
  readonly bytes: number;
}

/**
 * Returns how many contacts to read next, from the average size of the rows so far. Long rows are read in small pieces, so
 * that a few reads in flight hold no more than a few batches. Starts with the minimum.
 */
export function readSize(sample: { readonly rows: number; readonly bytes: number }, size: ReadSize): number {
  if (sample.rows === 0) return size.minimum;
  const wanted = Math.floor((size.bytes * sample.rows) / Math.max(1, sample.bytes));
  return Math.min(size.maximum, Math.max(size.minimum, wanted));
}
