import type { Column, JsonValue } from '@waybill/formatting';
import type { ExportBatch } from '@waybill/schemas';

/** Names the message that a payload belongs to. It is authenticated with the payload, so a payload opens only there. */
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

/** What render has to know before the first row. */
export interface BatchPlan {
  readonly columns: readonly Column[];
  /** Size of the frozen selection. */
  readonly total: number;
  /** When the selection was frozen, in ms since the epoch. */
  readonly snapshotAt: number;
}

/** One contact's values in the order of the plan's columns. */
export type Row = readonly JsonValue[];

/** A row as it travels: its JSON text. Encoded one by one, so that a batch can be cut by size before it is sealed. */
export type EncodedRow = string & { readonly __brand: 'EncodedRow' };
