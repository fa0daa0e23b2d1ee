import { sealWith, type DataKey, type Opener } from '@waybill/crypto';
import { asExportError, ExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import { decodePlan, decodeRows, encodePlan, encodeRows } from './encoding.ts';
import type { BatchId, BatchPlan, EncodedRow, Row } from './types.ts';

/** Encodes and encrypts the plan of a job. */
export async function sealPlan(key: DataKey, plan: BatchPlan, id: BatchId): Promise<SealedData> {
  return sealWith(key, await encodePlan(plan), aad(id));
}

/** Encodes, compresses and encrypts the rows of one batch. */
export async function sealRows(key: DataKey, rows: readonly EncodedRow[], id: BatchId): Promise<SealedData> {
  return sealWith(key, await encodeRows(rows), aad(id));
}

/** @throws ExportError EXPORT_BATCH_UNREADABLE whatever the reason: a wrong key, other bytes, or another message's payload. */
export async function openPlan(opener: Opener, sealed: SealedData, id: BatchId): Promise<BatchPlan> {
  return decodePlan(await open(opener, sealed, id));
}

/** @throws ExportError EXPORT_BATCH_UNREADABLE whatever the reason: a wrong key, other bytes, or another message's payload. */
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

/** A JSON list, so that no two messages have the same text, whatever their ids contain. */
function aad(id: BatchId): string {
  return JSON.stringify([id.companyId, id.jobId, id.attempt, id.number]);
}
