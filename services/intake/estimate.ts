import type { Format } from '@waybill/vocabulary';
import type { Sample } from './sample.ts';

/**
 * Bytes of one cell in a finished file, as measured on the seeded company (30 fields of every type, level 5): 100,000
 * rows gave 5.1 bytes a cell in XLSX and 12.8 in CSV. Rounded up, because a reservation that is too small lets a
 * company over its quota.
 */
const bytesPerCell: Readonly<Record<Format, number>> = { xlsx: 6, csv: 14 };

/** What a file weighs without a row: the parts of a workbook, the header. */
const emptyBytes = 8 * 1024;

/** What a job reserves of its company's quota until its file's true size is known. */
export function estimateBytes(rows: number, fields: number, format: Format): number {
  return emptyBytes + rows * fields * bytesPerCell[format];
}

/**
 * Bytes of a file of so many rows, from what a sample of them holds. A cell costs a little by itself (its markup, or a
 * delimiter) and the rest by its characters, which XLSX compresses.
 */
export function estimateFromSample(rows: number, fields: number, format: Format, sample: Sample): number {
  if (sample.rows === 0) return estimateBytes(rows, fields, format);
  const { cell, character } = weights[format];
  const perRow = fields * cell + (sample.characters / sample.rows) * character;
  return emptyBytes + Math.ceil(rows * perRow);
}

const weights: Readonly<Record<Format, { readonly cell: number; readonly character: number }>> = {
  xlsx: { cell: 2, character: 0.4 },
  csv: { cell: 1.3, character: 1.1 },
};
