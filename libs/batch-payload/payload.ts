import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { ExportError } from '@waybill/errors';
import * as z from 'zod';
import type { BatchPlan, EncodedRow, Row } from './types.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** The first byte of every payload: JSON, compressed with zstd. Another encoding takes another number. */
const jsonZstd = 1;

/** Level 1 takes most of what zstd can take from rows, in a third of level 3's time (docs/adr/0005-row-encoding.md). */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * A message holds at most 20 MiB, and rows shrink to a fifth or less. More than this is no batch of ours: it would
 * only fill the memory.
 */
const maximumBytes = 256 * 1_048_576;

const planShape = z.object({
  columns: z
    .array(
      z.object({
        name: z.string(),
        header: z.string(),
        fieldType: z.string(),
        numberType: z.enum(['number', 'currency', 'percentage']).exactOptional(),
        options: z.array(z.object({ key: z.string(), label: z.string() })).exactOptional(),
      }),
    )
    .min(1),
  total: z.int().nonnegative(),
  snapshotAt: z.int().nonnegative(),
});

export function encodeRow(row: Row): EncodedRow {
  return JSON.stringify(row) as EncodedRow; // the one place that gives the brand
}

/** Size of an encoded row in bytes, before compression. */
export function encodedBytes(row: EncodedRow): number {
  return Buffer.byteLength(row) + 1;
}

/** The bytes of a plan. Only what the shape names travels, whatever else a column object may carry. */
export async function encodePlan(plan: BatchPlan): Promise<Buffer> {
  return pack(JSON.stringify(planShape.parse(plan)));
}

/** @throws ExportError EXPORT_BATCH_UNREADABLE */
export async function decodePlan(bytes: Buffer): Promise<BatchPlan> {
  const plan = planShape.safeParse(await unpack(bytes));
  if (!plan.success) throw unreadable(plan.error);
  return plan.data;
}

export async function encodeRows(rows: readonly EncodedRow[]): Promise<Buffer> {
  return pack(`[${rows.join(',')}]`);
}

/** @throws ExportError EXPORT_BATCH_UNREADABLE */
export async function decodeRows(bytes: Buffer): Promise<readonly Row[]> {
  const rows = await unpack(bytes);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw unreadable(new Error('the payload is no list of rows'));
  }
  return rows as readonly Row[]; // JSON.parse yields JSON values and nothing else
}

async function pack(json: string): Promise<Buffer> {
  return Buffer.concat([Buffer.of(jsonZstd), await compress(json, options)]);
}

async function unpack(bytes: Buffer): Promise<unknown> {
  if (bytes[0] !== jsonZstd) throw unreadable(new Error(`encoding ${String(bytes[0])} is not known`));
  try {
    const json = await decompress(bytes.subarray(1), { maxOutputLength: maximumBytes });
    return JSON.parse(json.toString('utf8')) as unknown;
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): ExportError {
  return new ExportError('EXPORT_BATCH_UNREADABLE', { cause });
}
