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

/** How a job ends. */
export type Ending =
  | { readonly state: 'succeeded'; readonly file: ExportFile; readonly receipt: Receipt }
  | { readonly state: 'failed'; readonly failure: Failure }
  | { readonly state: 'cancelled' };

/** Of which attempt of which job a message speaks. */
export interface Subject {
  readonly jobId: string;
  readonly companyId: string;
  readonly attempt: number;
  /** What was asked; null where nobody could read it. */
  readonly job: ExportSpec | null;
  readonly traceparent?: string;
}

const outcomes = { succeeded: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' } as const;
const activityNames = {
  succeeded: 'cdp_export_completed',
  failed: 'cdp_export_failed',
  cancelled: 'cdp_export_cancelled',
} as const satisfies Record<Ending['state'], ActivityName>;

/** What is published when a job ends: the event that all others build on, and the product event. */
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
  { jobId, companyId, attempt, job }: Subject,
  ending: Ending,
  at: number,
): ExportCompleted {
  return {
    job_id: jobId,
    company_id: companyId,
    attempt,
    outcome: outcomes[ending.state],
    completed_at: at,
    spec: job,
    failure: ending.state === 'failed' ? ending.failure : null,
    file: ending.state === 'succeeded' ? ending.file : null,
    receipt: ending.state === 'succeeded' ? ending.receipt : null,
  };
}

function activityEvent(
  { jobId, companyId, attempt, job }: Subject,
  ending: Ending,
  at: number,
): ExportActivity {
  return {
    company_id: companyId,
    job_id: jobId,
    name: activityNames[ending.state],
    user_id: job?.user_id ?? null,
    at,
    attributes: {
      attempt: String(attempt),
      ...(job === null ? {} : { format: job.format, selection_mode: job.selection_mode, lane: job.lane }),
      ...endingAttributes(ending),
    },
    personal: null,
  };
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
