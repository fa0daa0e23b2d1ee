import type { CompanyId, JobId } from '@waybill/domain';
import { eventId, type OutgoingEvent } from '@waybill/kafka';
import type {
  ActivityName,
  ExportActivity,
  ExportCompleted,
  ExportFile,
  ExportProgress,
  Failure,
  ExportSpec,
  Receipt,
} from '@waybill/schemas';
import type { OutboxEntry } from '@waybill/mongo';

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

/** Returns the events of a job's ending: `export.completed` and the product event. */
export function endingEntries(subject: Subject, ending: Ending, at: number): readonly OutboxEntry[] {
  return [
    outboxEntry(subject, 'export.completed', 'export.completed', at, completedEvent(subject, ending, at)),
    outboxEntry(
      subject,
      'export.activity',
      activityNames[ending.state],
      at,
      activityEvent(subject, ending, at),
    ),
  ];
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

function activityEvent(
  { jobId, companyId, attempt, spec }: Subject,
  ending: Ending,
  at: number,
): ExportActivity {
  return {
    company_id: companyId,
    job_id: jobId,
    name: activityNames[ending.state],
    user_id: spec?.user_id ?? null,
    at,
    attributes: {
      attempt: String(attempt),
      ...specAttributes(spec),
      ...endingAttributes(ending),
    },
    personal: null,
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

function outboxEntry(
  { jobId, companyId, attempt, traceparent }: Subject,
  topic: 'export.completed' | 'export.activity',
  type: string,
  at: number,
  event: ExportCompleted | ExportActivity,
): OutboxEntry {
  return {
    id: eventId(jobId, type, attempt),
    topic,
    type,
    key: topic === 'export.activity' ? companyId : jobId,
    company_id: companyId,
    attempt,
    event,
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

export type ProgressFacts = Pick<ExportProgress, 'phase' | 'written' | 'skipped' | 'total' | 'bytes'>;

export function progressMessage(
  { jobId, companyId, attempt, traceparent }: Subject,
  facts: ProgressFacts,
  at: number,
): OutgoingEvent<ExportProgress> {
  return {
    key: jobId,
    id: eventId(jobId, 'export.progress', attempt, `${facts.phase}:${facts.written}`),
    type: 'export.progress',
    companyId,
    attempt,
    at,
    event: { job_id: jobId, company_id: companyId, attempt, ...facts, at },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
