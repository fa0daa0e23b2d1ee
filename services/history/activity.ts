import { eventId } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { ActivityName, ExportActivity, SealedData } from '@waybill/schemas';
import type { EntryDocument } from './entries/entry.ts';

/** Returns the product event of a registered entry: one for each attempt of a job. */
export function historyRegistered(
  entry: EntryDocument,
  at: Date,
  traceparent: string | undefined,
): OutboxEntry {
  return activity('cdp_export_history_registered', '', {
    entry,
    at,
    traceparent,
    userId: entry.user_id,
    attributes: { outcome: entry.outcome, format: entry.spec.format, attempt: String(entry.attempt) },
    personal: null,
  });
}

export interface Download {
  readonly id: string;
  readonly entry: EntryDocument;
  /** The person who clicked. */
  readonly userId: string;
  readonly at: Date;
  readonly traceparent: string;
  readonly personal: SealedData;
}

/** Returns the product event of a granted download: one for each click. */
export function downloaded({ id, entry, userId, at, traceparent, personal }: Download): OutboxEntry {
  return activity('cdp_export_downloaded', id, {
    entry,
    at,
    traceparent,
    userId,
    attributes: { download_id: id, format: entry.spec.format, bytes: String(entry.file?.bytes ?? 0) },
    personal,
  });
}

interface ActivityFacts {
  readonly entry: EntryDocument;
  readonly at: Date;
  readonly traceparent: string | undefined;
  readonly userId: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly personal: SealedData | null;
}

function activity(name: ActivityName, sequence: string, facts: ActivityFacts): OutboxEntry {
  const { entry, traceparent, userId, attributes, personal } = facts;
  const at = facts.at.getTime();
  const event: ExportActivity = {
    company_id: entry.company_id,
    job_id: entry._id,
    name,
    user_id: userId,
    at,
    attributes,
    personal,
  };
  return {
    id: eventId(entry._id, name, entry.attempt, sequence),
    topic: 'export.activity',
    type: name,
    key: entry.company_id,
    company_id: entry.company_id,
    attempt: entry.attempt,
    event,
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}
