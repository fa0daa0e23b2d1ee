import { eventId, type OutgoingEvent } from '@waybill/kafka';
import type { ExportBatch, ExportProgress, ExportSpec, SealedData, Topic } from '@waybill/schemas';
import type { BatchRange, StoredEnd } from './resolution.ts';

/** The attempt of a job that a message belongs to. */
export interface MessageHead {
  readonly job_id: string;
  readonly company_id: string;
  readonly attempt: number;
}

/** Fields of every message of a job's stream. */
export interface StreamHead extends MessageHead {
  /** The partition of the job: the same for all its messages, so that they stay in order when the topic is widened. */
  readonly partition: number;
  readonly stream: number;
  /** Whether plan and end ask render for the job's export.completed, because intake has no end of the job. */
  readonly repeated: boolean;
}

/** Time and trace of a message. */
export interface Sending {
  /** In ms since the epoch. */
  readonly at: number;
  readonly traceparent?: string;
}

/** Returns the batch topic of a request's lane. It has the partitions of the requests, at least. */
export function batchesTopic(requested: Topic): 'export.batches' | 'export.batches.bulk' {
  return requested === 'export.requested.bulk' ? 'export.batches.bulk' : 'export.batches';
}

/** Builds message 0 of a stream. */
export function planMessage(
  head: StreamHead,
  content: { readonly payload: SealedData; readonly spec: ExportSpec },
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  return batchMessage(head, { ...emptyBatch(head, 'plan', 0), ...content }, sending);
}

/** The content of a batch. */
export interface BatchContent {
  readonly range: BatchRange;
  /** Rows in the payload. */
  readonly rows: number;
  /** Contacts at the other positions of the range. */
  readonly skippedIds: readonly string[];
  readonly payload: SealedData;
}

export function rowsMessage(
  head: StreamHead,
  { range: { number, from, to }, rows, skippedIds, payload }: BatchContent,
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  const batch = emptyBatch(head, 'rows', number);
  const skipped = { skipped: to - from - rows, skipped_ids: [...skippedIds] };
  return batchMessage(head, { ...batch, from, to, rows, ...skipped, payload }, sending);
}

/** Builds the end of a stream. An end without rows carries the spec: render may not have read a plan. */
export function endMessage(
  head: StreamHead,
  { end, spec }: { readonly end: StoredEnd; readonly spec: ExportSpec | undefined },
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  const { number, ...body } = end;
  return batchMessage(head, { ...emptyBatch(head, 'end', number), spec: spec ?? null, end: body }, sending);
}

export function progressMessage(
  head: MessageHead,
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
      batches_lost: false,
    },
  };
}

function emptyBatch(head: StreamHead, kind: ExportBatch['kind'], number: number): ExportBatch {
  const { job_id, company_id, attempt, stream } = head;
  const range = { from: 0, to: 0, rows: 0, skipped: 0, skipped_ids: [] };
  const empty = { ...range, payload: null, spec: null, end: null };
  return {
    job_id,
    company_id,
    attempt,
    kind,
    number,
    ...empty,
    stream,
    repeated: kind !== 'rows' && head.repeated,
  };
}

function batchMessage(
  { partition }: StreamHead,
  event: ExportBatch,
  sending: Sending,
): OutgoingEvent<ExportBatch> {
  return {
    key: event.job_id,
    partition,
    id: eventId(event.job_id, 'export.batches', event.attempt, sequenceOf(event)),
    type: 'export.batches',
    companyId: event.company_id,
    attempt: event.attempt,
    ...sending,
    event,
  };
}

function sequenceOf({ stream, number }: ExportBatch): string {
  return stream === 0 ? String(number) : `${stream}:${number}`;
}
