import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { sealWith, type DataKey, type Opener } from '@waybill/crypto';
import { asExportError, ExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import * as z from 'zod';
import type { BatchId, BatchPlan, EncodedRow, Row } from './types.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** First byte of every payload: JSON, compressed with zstd. Another encoding gets another number. */
const jsonZstd = 1;

/** Level 1 compresses rows almost as much as level 3, in a third of the time (docs/adr/0005-row-encoding.md). */
const options = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * A message holds at most 20 MiB, and rows shrink to a fifth or less. A larger payload is not a batch of ours: it would
 * only fill the memory.
 */
const maximumBytes = 256 * 1_048_576;

/**
 * Bytes that are decompressed at once. Node's default of 16 KiB takes a usual batch some thirty trips to a thread, and each
 * may wait behind the pieces that a sheet writer compresses.
 */
const chunkSize = 256 * 1024;

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

/** Returns a row as its JSON text. */
export function encodeRow(row: Row): EncodedRow {
  return JSON.stringify(row) as EncodedRow; // only this function creates the brand
}

/** Returns the size of an encoded row in bytes, before compression. */
export function encodedBytes(row: EncodedRow): number {
  return Buffer.byteLength(row) + 1;
}

/** Encodes and encrypts the plan of a job. */
export async function sealPlan(key: DataKey, plan: BatchPlan, id: BatchId): Promise<SealedData> {
  return sealWith(key, await encodePlan(plan), aad(id));
}

/** Encodes, compresses and encrypts the rows of one batch. */
export async function sealRows(key: DataKey, rows: readonly EncodedRow[], id: BatchId): Promise<SealedData> {
  return sealWith(key, await encodeRows(rows), aad(id));
}

/**
 * @throws ExportError EXPORT_BATCH_UNREADABLE for other bytes or another message's payload.
 * @throws ExportError ENCRYPTION_KEY_UNKNOWN (retryable) while this process does not know the key-encryption key.
 */
export async function openPlan(opener: Opener, sealed: SealedData, id: BatchId): Promise<BatchPlan> {
  return decodePlan(await open(opener, sealed, id));
}

/**
 * @throws ExportError EXPORT_BATCH_UNREADABLE for other bytes or another message's payload.
 * @throws ExportError ENCRYPTION_KEY_UNKNOWN (retryable) while this process does not know the key-encryption key.
 */
export async function openRows(opener: Opener, sealed: SealedData, id: BatchId): Promise<readonly Row[]> {
  return decodeRows(await open(opener, sealed, id));
}

async function open(opener: Opener, sealed: SealedData, id: BatchId): Promise<Buffer> {
  try {
    return await opener.open(sealed, aad(id));
  } catch (error) {
    const cause = asExportError(error, 'EXPORT_BATCH_UNREADABLE');
    // A key service that is down is not a bad batch.
    throw cause.retryable ? cause : new ExportError('EXPORT_BATCH_UNREADABLE', { cause });
  }
}

/** Returns the ids as a JSON list, so that two messages never have the same text. */
function aad(id: BatchId): string {
  return JSON.stringify([id.companyId, id.jobId, id.attempt, id.number]);
}

/** Returns the bytes of a plan. They contain only the properties of the shape. */
async function encodePlan(plan: BatchPlan): Promise<Buffer> {
  return pack(JSON.stringify(planShape.parse(plan)));
}

/**
 * Returns the plan in a payload.
 * @throws ExportError EXPORT_BATCH_UNREADABLE for anything else.
 */
async function decodePlan(bytes: Buffer): Promise<BatchPlan> {
  const plan = planShape.safeParse(await unpack(bytes));
  if (!plan.success) throw unreadable(plan.error);
  return plan.data;
}

async function encodeRows(rows: readonly EncodedRow[]): Promise<Buffer> {
  return pack(`[${rows.join(',')}]`);
}

/**
 * Returns the rows in a payload.
 * @throws ExportError EXPORT_BATCH_UNREADABLE for anything else.
 */
async function decodeRows(bytes: Buffer): Promise<readonly Row[]> {
  const rows = await unpack(bytes);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row))) {
    throw unreadable(new Error('the payload is not a list of rows'));
  }
  return rows as readonly Row[]; // JSON.parse yields JSON values and nothing else
}

async function pack(json: string): Promise<Buffer> {
  return Buffer.concat([Buffer.of(jsonZstd), await compress(json, options)]);
}

async function unpack(bytes: Buffer): Promise<unknown> {
  if (bytes[0] !== jsonZstd) throw unreadable(new Error(`encoding ${String(bytes[0])} is not known`));
  try {
    const json = await decompress(bytes.subarray(1), { chunkSize, maxOutputLength: maximumBytes });
    return JSON.parse(json.toString('utf8')) as unknown;
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause: unknown): ExportError {
  return new ExportError('EXPORT_BATCH_UNREADABLE', { cause });
}
