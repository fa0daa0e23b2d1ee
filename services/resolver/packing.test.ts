import { encodedBytes, encodeRow } from '@waybill/batch-payload';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, cutBatch, readSize, type BatchSize, type ReadRow } from './packing.ts';

const size: BatchSize = { targetBytes: 60, maximumBytes: 100, maximumPositions: 10 };
const row: fc.Arbitrary<ReadRow> = fc.option(
  fc.string({ maxLength: 90 }).map((text) => encodeRow([text])),
  { nil: undefined, freq: 4 },
);

/** Cuts a whole list that arrives in pieces. */
function cutAll(pieces: readonly (readonly ReadRow[])[]): (readonly ReadRow[])[] {
  const batches: (readonly ReadRow[])[] = [];
  let pending: readonly ReadRow[] = [];
  for (const [index, piece] of pieces.entries()) {
    pending = [...pending, ...piece];
    for (;;) {
      const count = cutBatch(pending, size, index === pieces.length - 1);
      if (count === undefined) break;
      batches.push(pending.slice(0, count));
      pending = pending.slice(count);
    }
  }
  return batches;
}

const bytes = (rows: readonly ReadRow[]): number => bytesOf(rows.filter((read) => read !== undefined));

describe('cutBatch', () => {
  const pieces = fc.array(fc.array(row, { maxLength: 12 }), { minLength: 1, maxLength: 10 });

  it('keeps every row once and in order', () => {
    fc.assert(
      fc.property(pieces, (read) => {
        expect(cutAll(read).flat()).toEqual(read.flat());
      }),
    );
  });

  it('never returns an empty batch', () => {
    fc.assert(fc.property(pieces, (read) => cutAll(read).every((batch) => batch.length > 0)));
  });

  it('keeps every batch below the maximum, except for a single larger row', () => {
    fc.assert(
      fc.property(pieces, (read) => {
        for (const batch of cutAll(read)) {
          const present = batch.filter((one) => one !== undefined);
          if (bytes(batch) > size.maximumBytes) expect(present).toHaveLength(1);
          expect(batch.length).toBeLessThanOrEqual(size.maximumPositions);
        }
      }),
    );
  });

  it('fills every batch but the last, unless the next row did not fit or the positions were used up', () => {
    fc.assert(
      fc.property(pieces, (read) => {
        const batches = cutAll(read);
        for (const [index, batch] of batches.slice(0, -1).entries()) {
          const next = batches[index + 1]?.find((one) => one !== undefined);
          const full = bytes(batch) >= size.targetBytes || batch.length === size.maximumPositions;
          const noRoom = next !== undefined && bytes(batch) + encodedBytes(next) > size.maximumBytes;
          expect(full || noRoom).toBe(true);
        }
      }),
    );
  });

  it('cuts the same batches however the rows are grouped in reads', () => {
    fc.assert(
      fc.property(pieces, (read) => {
        expect(cutAll(read)).toEqual(cutAll([read.flat()]));
      }),
    );
  });
});

describe('readSize', () => {
  const limits = { minimum: 100, maximum: 1_000, bytes: 400_000 };

  it('returns the minimum before the first row', () => {
    expect(readSize({ rows: 0, bytes: 0 }, limits)).toBe(100);
  });

  it('returns about the wanted bytes, from the average row size', () => {
    expect(readSize({ rows: 10, bytes: 8_000 }, limits)).toBe(500);
  });

  it('stays within its limits for every sample', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (rows, weight) => {
        const chosen = readSize({ rows, bytes: weight }, limits);
        expect(chosen).toBeGreaterThanOrEqual(limits.minimum);
        expect(chosen).toBeLessThanOrEqual(limits.maximum);
      }),
    );
  });
});
