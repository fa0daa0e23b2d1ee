import { encodeRow, type EncodedRow } from '@waybill/batch-payload';
import type { ContactSource, ExportColumn } from '@waybill/contacts';
import type { CompanyId } from '@waybill/domain';
import type { FrozenList } from './frozen-list.ts';
import { bytesOf, cutBatch, readSize, type BatchSize, type ReadRow, type ReadSize } from './packing.ts';
import { readAhead } from './read-ahead.ts';
import type { BatchRange } from './resolution.ts';

/** A batch that is ready to be sealed. */
export interface PackedBatch {
  readonly range: BatchRange;
  readonly rows: readonly EncodedRow[];
  /** Contacts of the range that no longer exist or are not the company's. */
  readonly skippedIds: readonly string[];
  /** Encoded size of the rows. */
  readonly bytes: number;
}

export interface PackingOptions {
  readonly batchSize: BatchSize;
  readonly readSize: ReadSize;
  /** Reads in flight. */
  readonly concurrency: number;
}

export interface RowSource {
  /** Reads a stored range again as one batch, whatever its size is by now. */
  again(range: BatchRange): Promise<PackedBatch>;
  /** Reads all batches after a range, cut by size. */
  after(range: BatchRange, total: number): AsyncGenerator<PackedBatch, void, undefined>;
}

export interface RowSourceDeps {
  readonly companyId: CompanyId;
  readonly columns: readonly ExportColumn[];
  readonly list: FrozenList;
  readonly contacts: Pick<ContactSource, 'readRows'>;
  readonly packing: PackingOptions;
}

export function createRowSource(deps: RowSourceDeps): RowSource {
  const { companyId, columns, list, contacts, packing } = deps;
  const sample = { rows: 0, bytes: 0 };

  async function read(range: { readonly from: number; readonly to: number }): Promise<readonly ReadRow[]> {
    const ids = await list.ids(range.from, range.to);
    const rows = await contacts.readRows(companyId, ids, columns);
    const encoded = rows.map((row) => (row === undefined ? undefined : encodeRow(row)));
    const present = encoded.filter((row) => row !== undefined);
    sample.rows += present.length;
    sample.bytes += bytesOf(present);
    return encoded;
  }

  return {
    async again(range) {
      return packed(list, range, await read(range));
    },
    async *after(last, total) {
      const pieces = readAhead({
        from: last.to,
        to: total,
        size: () => readSize(sample, packing.readSize),
        concurrency: packing.concurrency,
        read,
      });
      let { number, to: from } = last;
      let pending: readonly ReadRow[] = [];
      for await (const piece of pieces) {
        pending = [...pending, ...piece];
        const ended = from + pending.length >= total;
        for (;;) {
          const count = cutBatch(pending, packing.batchSize, ended);
          if (count === undefined) break;
          number += 1;
          yield await packed(list, { number, from, to: from + count }, pending.slice(0, count));
          from += count;
          pending = pending.slice(count);
        }
      }
    },
  };
}

async function packed(list: FrozenList, range: BatchRange, read: readonly ReadRow[]): Promise<PackedBatch> {
  const rows = read.filter((row) => row !== undefined);
  const ids = rows.length === read.length ? [] : await list.ids(range.from, range.to);
  const skippedIds = ids.filter((_, index) => read[index] === undefined);
  return { range, rows, skippedIds, bytes: bytesOf(rows) };
}
