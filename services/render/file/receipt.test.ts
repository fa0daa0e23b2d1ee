import { readFileSync } from 'node:fs';
import type { SheetColumn } from '@waybill/formatting';
import type { Tally } from '@waybill/sheet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleSpec } from '../testing/sample-spec.ts';
import { receiptOf, receiptRows, sheetNames, type ReceiptFacts } from './receipt.ts';

const none = { total: 0, byField: {} };
const tally: Tally = {
  rows: 7,
  cellsTruncated: none,
  cellsAsText: { total: 3, byField: { birthday: 2, score: 1 } },
  charactersReplaced: none,
};
const spec = sampleSpec;
const facts: ReceiptFacts = {
  spec,
  matched: 10,
  skipped: 3,
  snapshotAt: Date.UTC(2026, 10, 24, 3, 49, 44),
  attempt: 2,
};
const file = { bytes: 1_234, sha256: 'ab' };
const columns: readonly SheetColumn[] = [
  { name: 'first_name', header: 'First name', kind: 'text' },
  { name: 'birthday', header: 'Date of birth', kind: 'date' },
  { name: 'score', header: 'Score (points)', kind: 'number' },
];

describe('receiptOf', () => {
  it('returns the receipt of a file in which every contact is a row or was skipped', () => {
    expect(receiptOf(facts, tally, file)).toEqual({
      matched: 10,
      written: 7,
      skipped: 3,
      cells_truncated: { total: 0, by_field: {} },
      cells_as_text: { total: 3, by_field: { birthday: 2, score: 1 } },
      characters_replaced: { total: 0, by_field: {} },
      sha256: 'ab',
      bytes: 1_234,
      snapshot_at: facts.snapshotAt,
      timezone: 'Asia/Jakarta',
      timezone_database: process.versions['tz'],
      fields: spec.fields,
      format: 'xlsx',
      attempt: 2,
    });
  });

  it('rejects every other file with the three counts', () => {
    const count = fc.nat({ max: 1_000 });
    fc.assert(
      fc.property(count, count, count, (matched, rows, skipped) => {
        fc.pre(matched !== rows + skipped);
        const make = () => receiptOf({ ...facts, matched, skipped }, { ...tally, rows }, file);
        expect(make).toThrow(
          expect.objectContaining({
            code: 'EXPORT_RECEIPT_MISMATCH',
            params: { matched, written: rows, skipped },
          }),
        );
      }),
    );
  });
});

describe('receiptRows', () => {
  it('returns the counts, the columns with a count by their headers, and when the contacts were selected', () => {
    expect(receiptRows(facts, tally, columns)).toEqual([
      { label: 'Contacts selected', value: 10 },
      { label: 'Rows written', value: 7 },
      { label: 'Contacts skipped', value: 3 },
      { label: 'Cells cut at 32,767 characters', value: 0 },
      { label: 'Cells written as text', value: 3 },
      { label: 'Cells written as text: Date of birth', value: 2 },
      { label: 'Cells written as text: Score (points)', value: 1 },
      { label: 'Characters replaced', value: 0 },
      { label: 'Selected at', value: '2026-11-24T10:49:44+07:00' },
      { label: 'Timezone', value: 'Asia/Jakarta' },
      { label: 'Timezone database', value: process.versions['tz'] },
      { label: 'Fields', value: 'First name, Date of birth, Score (points)' },
      { label: 'Format', value: 'xlsx' },
      { label: 'Attempt', value: 2 },
    ]);
  });

  it('writes every row in the language of the job', () => {
    const indonesian = receiptRows({ ...facts, spec: { ...spec, locale: 'id' } }, tally, columns);
    const english = receiptRows(facts, tally, columns);
    expect(indonesian[0]).toEqual({ label: 'Kontak terpilih', value: 10 });
    expect(indonesian.map(({ value }) => value)).toEqual(english.map(({ value }) => value));
  });
});

describe('sheetNames', () => {
  it('is documented in docs/formatting.md, in both languages', () => {
    const document = readFileSync(new URL('../../../docs/formatting.md', import.meta.url), 'utf8');
    const names = Object.values(sheetNames).flatMap((each) => Object.values(each));
    expect(names.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
  });
});
