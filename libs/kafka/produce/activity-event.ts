import type { ActivityName, ExportActivity, SealedData } from '@waybill/schemas';
import { eventId } from './event-id.ts';
import type { OutgoingEvent } from '../types/producer.ts';

/** The facts of a product event. */
export type ActivityFacts = {
  readonly name: ActivityName;
  readonly companyId: string;
  /** The user who did it, where it was a user. */
  readonly userId: string | undefined;
  /** The job's attempt, from 1 (the default). */
  readonly attempt?: number;
  /** When it happened, in ms since the epoch. */
  readonly at: number;
  /** Further facts, such as format or rows; never contact data. */
  readonly attributes: Readonly<Record<string, string>>;
  /** JSON {email, address, agent} of a download, sealed. */
  readonly personal?: SealedData | undefined;
  readonly traceparent?: string | undefined;
} & (JobActivity | CompanyActivity);

interface JobActivity {
  readonly jobId: string;
  /** Distinguishes events of one name and attempt, such as a download id. */
  readonly sequence?: string | number;
  /** Instead of the id that follows from job, name, attempt and sequence. */
  readonly id?: string;
}

interface CompanyActivity {
  readonly jobId?: undefined;
  readonly sequence?: undefined;
  /** Without a job no id can be derived. */
  readonly id: string;
}

/** Builds the message of a product event for `EventProducer.send('export.activity', …)`. Its key is the company. */
export function activityEvent(facts: ActivityFacts): OutgoingEvent<ExportActivity> {
  const { name, companyId, jobId, userId, attempt = 1, at, attributes, personal, traceparent } = facts;
  return {
    key: companyId,
    id:
      facts.jobId === undefined
        ? facts.id
        : (facts.id ?? eventId(facts.jobId, name, attempt, facts.sequence)),
    type: name,
    companyId,
    attempt,
    event: {
      company_id: companyId,
      job_id: jobId ?? null,
      name,
      user_id: userId ?? null,
      at,
      attributes,
      personal: personal ?? null,
    },
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** Builds the same message as an entry of an outbox (`OutboxEntry` of @waybill/mongo), under the names it is stored by. */
export function activityEntry(facts: ActivityFacts) {
  const { companyId, ...event } = activityEvent(facts);
  return { topic: 'export.activity', company_id: companyId, ...event } as const;
}
