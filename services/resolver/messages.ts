import { eventId, type OutgoingEvent } from '@waybill/kafka';
import type {
  ExportBatch,
  ExportProgress,
  ExportRequested,
  ExportSpec,
  SealedData,
  Topic,
} from '@waybill/schemas';
import type { BatchRange, StoredEnd } from './resolution.ts';

/** What every message of a job's stream repeats. */
export interface StreamHead {
  readonly job_id: string;
  readonly company_id: string;
  readonly attempt: number;
}

/** When, and under which trace, a message is sent. */
export interface Sending {
  readonly at: number;
  readonly traceparent?: string;
}

/** The lane of a request's batches: the same key and partition count put a job on the same partition of both. */
export function batchesTopic(requested: Topic): 'export.batches' | 'export.batches.bulk' {
  return requested === 'export.requested.bulk' ? 'export.batches.bulk' : 'export.batches';
}

export function planMessage(
  request: ExportRequested,
  payload: SealedData,
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  return batchMessage({ ...emptyBatch(request, 'plan', 0), payload, spec: request.spec }, sending);
}

export function rowsMessage(
  head: StreamHead,
  range: BatchRange,
  rows: number,
  payload: SealedData,
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  const { number, from, to } = range;
  const batch = emptyBatch(head, 'rows', number);
  return batchMessage({ ...batch, from, to, rows, skipped: to - from - rows, payload }, sending);
}

/** The end carries the job as well: render may not have read the plan of a job that failed early. */
export function endMessage(
  head: StreamHead,
  end: StoredEnd,
  job: ExportSpec | null,
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  const { number, ...body } = end;
  return batchMessage({ ...emptyBatch(head, 'end', number), spec: job, end: body }, sending);
}

export function progressMessage(
  head: StreamHead,
  frozen: number,
  sending: Sending,
): OutgoingEvent<ExportProgress> {
  const { job_id, company_id, attempt } = head;
  return {
    key: job_id,
    id: eventId(job_id, 'export.progress', attempt, `resolving:${frozen}`),
    type: 'export.progress',
    companyId: company_id,
    attempt,
    ...sending,
    event: {
      job_id,
      company_id,
      attempt,
      phase: 'resolving',
      written: 0,
      skipped: 0,
      total: frozen,
      bytes: 0,
      at: sending.at,
    },
  };
}

function emptyBatch(head: StreamHead, kind: ExportBatch['kind'], number: number): ExportBatch {
  const { job_id, company_id, attempt } = head;
  const range = { from: 0, to: 0, rows: 0, skipped: 0 };
  return { job_id, company_id, attempt, kind, number, ...range, payload: null, spec: null, end: null };
}

function batchMessage(event: ExportBatch, sending: Sending): OutgoingEvent<ExportBatch> {
  return {
    key: event.job_id,
    id: eventId(event.job_id, 'export.batches', event.attempt, event.number),
    type: 'export.batches',
    companyId: event.company_id,
    attempt: event.attempt,
    ...sending,
    event,
  };
}
