import type { Column, JsonValue } from '@waybill/formatting';
import type { ExportBatch } from '@waybill/schemas';

/** Id of the message with a payload. The payload is authenticated with it, so it opens in this message only. */
export interface BatchId {
  readonly companyId: string;
  readonly jobId: string;
  readonly attempt: number;
  /** 0 for the plan, from 1 for rows. */
  readonly number: number;
}

/** Returns the id of a job's message: 0 is the plan, rows count from 1. */
export function batchId(
  { company_id, job_id, attempt }: Pick<ExportBatch, 'company_id' | 'job_id' | 'attempt'>,
  number: number,
): BatchId {
  return { companyId: company_id, jobId: job_id, attempt, number };
}

/** Data that render needs before the first row. */
export interface BatchPlan {
  readonly columns: readonly Column[];
  /** Size of the frozen selection. */
  readonly total: number;
  /** When the selection was frozen, in ms since the epoch. */
  readonly snapshotAt: number;
}

/** Values of one contact in the order of the plan's columns. */
export type Row = readonly JsonValue[];

/** Row as JSON text. Rows are encoded one by one, so that a batch can be limited by size before it is sealed. */
export type EncodedRow = string & { readonly __brand: 'EncodedRow' };
