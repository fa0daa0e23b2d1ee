import type { CompanyId, JobId } from '@waybill/domain';
import { ExportError, failureOf } from '@waybill/errors';
import { activityEntry, eventId, type OutgoingEvent } from '@waybill/kafka';
import type {
  ActivityName,
  ExportCompleted,
  ExportFile,
  ExportProgress,
  Failure,
  ExportSpec,
  Receipt,
} from '@waybill/schemas';
import type { OutboxEntry } from '@waybill/mongo';
import type { RenderJob } from './job.ts';

/** Outcome of a job, with what belongs to it. */
export type Ending =
  | { readonly state: 'succeeded'; readonly file: ExportFile; readonly receipt: Receipt }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'cancelled' };

/** The attempt of a job that a message belongs to. */
export interface Subject {
  readonly jobId: JobId;
  readonly companyId: CompanyId;
  readonly attempt: number;
  /** Number of the stream: 0, or higher after the batches were produced again. */
  readonly stream: number;
  /** What was asked for; undefined if no message that carries it could be read. */
  readonly spec: ExportSpec | undefined;
  readonly traceparent?: string;
}

const outcomes = { succeeded: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' } as const;
const activityNames = {
  succeeded: 'cdp_export_completed',
  failed: 'cdp_export_failed',
  cancelled: 'cdp_export_cancelled',
} as const satisfies Record<Ending['state'], ActivityName>;

/** Returns the events of a job's ending: `export.completed` and the product event. `at` is in ms since the epoch. */
export function endingEntries(subject: Subject, ending: Ending, at: number): readonly OutboxEntry[] {
  const { jobId, companyId, attempt, spec, traceparent } = subject;
  const activity = activityEntry({
    name: activityNames[ending.state],
    companyId,
    jobId,
    userId: spec?.user_id,
    attempt,
    at,
    attributes: { attempt: String(attempt), ...specAttributes(spec), ...endingAttributes(ending) },
    traceparent,
  });
  return [completedEntry(subject, ending, at), activity];
}

/** Returns `export.completed`. A job that ended at the same time with the same ending has the same event. */
export function completedEntry(subject: Subject, ending: Ending, at: number): OutboxEntry {
  const { jobId, companyId, attempt, traceparent } = subject;
  return {
    id: eventId(jobId, 'export.completed', attempt),
    topic: 'export.completed',
    type: 'export.completed',
    key: jobId,
    company_id: companyId,
    attempt,
    event: completedEvent(subject, ending, at),
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Returns how a stored job has ended; undefined while it is open. An erased file ends as a cancelled job. */
export function endingOf({ state, file, receipt, failure }: RenderJob): Ending | undefined {
  switch (state) {
    case 'open':
      return undefined;
    case 'succeeded':
      return file === null || receipt === null ? { state: 'cancelled' } : { state, file, receipt };
    case 'failed':
      return { state, failure: failure ?? failureOf(new ExportError('EXPORT_FAILED')) };
    case 'cancelled':
      return { state };
  }
}

function completedEvent(
  { jobId, companyId, attempt, spec }: Subject,
  ending: Ending,
  at: number,
): ExportCompleted {
  return {
    job_id: jobId,
    company_id: companyId,
    attempt,
    outcome: outcomes[ending.state],
    completed_at: at,
    spec: spec ?? null,
    failure: ending.state === 'failed' ? ending.failure : null,
    file: ending.state === 'succeeded' ? ending.file : null,
    receipt: ending.state === 'succeeded' ? ending.receipt : null,
  };
}

function specAttributes(spec: ExportSpec | undefined): Readonly<Record<string, string>> {
  if (spec === undefined) return {};
  const { format, selection_mode, lane } = spec;
  return { format, selection_mode, lane };
}

function endingAttributes(ending: Ending): Readonly<Record<string, string>> {
  if (ending.state === 'failed') return { code: ending.failure.code };
  if (ending.state === 'cancelled') return {};
  const { written, skipped, bytes } = ending.receipt;
  return { rows: String(written), skipped: String(skipped), bytes: String(bytes) };
}

export type ProgressFacts = Pick<ExportProgress, 'phase' | 'written' | 'skipped' | 'total' | 'bytes'>;

/** Builds the message that says how far a job is. `at` is in ms since the epoch. */
export function progressMessage(
  subject: Subject,
  facts: ProgressFacts,
  at: number,
): OutgoingEvent<ExportProgress> {
  return messageOf(subject, { ...facts, at, batches_lost: false });
}

/** Builds the message that asks for the batches of a job again. `at` is in ms since the epoch. */
export function batchesLostMessage(subject: Subject, at: number): OutgoingEvent<ExportProgress> {
  const nothing = { phase: 'rendering', written: 0, skipped: 0, total: 0, bytes: 0 } as const;
  return messageOf(subject, { ...nothing, at, batches_lost: true });
}

function messageOf(
  { jobId, companyId, attempt, stream, traceparent }: Subject,
  facts: Omit<ExportProgress, 'job_id' | 'company_id' | 'attempt'>,
): OutgoingEvent<ExportProgress> {
  const { phase, written, at, batches_lost: lost } = facts;
  return {
    key: jobId,
    id: eventId(jobId, 'export.progress', attempt, lost ? `lost:${stream}` : `${phase}:${written}`),
    type: 'export.progress',
    companyId,
    attempt,
    at,
    event: { job_id: jobId, company_id: companyId, attempt, ...facts },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
