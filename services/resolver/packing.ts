import { encodedBytes, type EncodedRow } from '@waybill/batch-payload';

/** What is known of one position of the frozen list: its row, or that the contact is gone. */
export type ReadRow = EncodedRow | undefined;

/** How batches are cut; sizes are those of the encoded rows before compression. */
export interface BatchSize {
  /** A batch is full from here on. */
  readonly targetBytes: number;
  /** A row that would go beyond this begins the next batch; a single larger row travels alone. */
  readonly maximumBytes: number;
  /** A batch never holds more positions than this: contacts that are gone take no bytes. */
  readonly maximumPositions: number;
}

/**
 * How many positions from the front of `pending` make the next batch; undefined while more must be read first.
 * `ended` says that nothing comes after `pending`.
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

/** Sum of the encoded sizes. */
export function bytesOf(rows: readonly EncodedRow[]): number {
  return rows.reduce((sum, row) => sum + encodedBytes(row), 0);
}

/** How many contacts one read asks for. */
export interface ReadSize {
  readonly minimum: number;
  readonly maximum: number;
  /** Encoded bytes that one read should bring. */
  readonly bytes: number;
}

/**
 * Contacts of the next read, from what the rows so far have weighed: companies with long notes are read in small
 * pieces, so that a few reads in flight never hold more than a few batches. Without a sample it begins small.
 */
export function readSize(sample: { readonly rows: number; readonly bytes: number }, size: ReadSize): number {
  if (sample.rows === 0) return size.minimum;
  const wanted = Math.floor((size.bytes * sample.rows) / Math.max(1, sample.bytes));
  return Math.min(size.maximum, Math.max(size.minimum, wanted));
}
