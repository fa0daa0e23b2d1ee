import type { Layout } from '@waybill/contacts';
import { eventId } from '@waybill/kafka';
import type { ExportRequested, ExportSpec as JobOfEvents, SealedData } from '@waybill/schemas';
import type { OutboxEntry, OutboxLease } from '@waybill/mongo';
import type { JobId, Locale } from '@waybill/domain';
import type { ExportBody } from '../request/export-request.ts';
import type { Owner } from '../request/fingerprint.ts';
import { queuedState, type Job } from './job.ts';
import type { Selection, SetSize } from '../request/selection.ts';
import type { JobDocument } from './job-store.ts';

/** All that a new job is made of, once every check has passed. */
export interface NewJob {
  readonly jobId: JobId;
  readonly owner: Owner;
  readonly organizationId: string;
  readonly region: string;
  readonly locale: Locale;
  readonly body: ExportBody;
  readonly layout: Layout;
  readonly selection: Selection;
  readonly size: SetSize;
  readonly estimatedBytes: number;
  readonly personal: SealedData;
  readonly fingerprint: string;
  readonly claims: { readonly active: string; readonly key?: string };
  readonly lease: OutboxLease;
  readonly traceparent: string;
  readonly now: number;
}

/** The document that accepts the request: the job, with its event in its outbox. */
export function newJob(parts: NewJob): JobDocument {
  const { jobId, owner, now, claims } = parts;
  const request = requestOf(parts);
  return {
    _id: jobId,
    company_id: owner.companyId,
    user_id: owner.userId,
    accepted_at: now,
    request,
    fingerprint: parts.fingerprint,
    active_claim: claims.active,
    ...(claims.key === undefined ? {} : { key_claims: [claims.key], keyed_at: now }),
    ...queuedState(1, parts.size.total ?? null, parts.estimatedBytes),
    outbox: [requestedEntry({ jobId, owner, attempt: 1, request, traceparent: parts.traceparent, now })],
    outbox_pending: true,
    outbox_lease: parts.lease,
  };
}

function requestOf(parts: NewJob): Job['request'] {
  const { selection, size } = parts;
  return {
    spec: jobOf(parts),
    ids: selection.ids,
    created_from: selection.query.createdFrom ?? null,
    created_before: selection.query.createdBefore ?? null,
    cap: size.cap,
  };
}

function jobOf({ body, layout, owner, size, ...parts }: NewJob): JobOfEvents {
  return {
    organization_id: parts.organizationId,
    user_id: owner.userId,
    region: parts.region,
    locale: parts.locale,
    requested_at: parts.now,
    lane: size.lane,
    selection_mode: body.selection_mode,
    period: body.period ?? null,
    start_date: body.start_date ?? null,
    end_date: body.end_date ?? null,
    sources: body.source,
    layout_id: layout.id,
    layout_name: layout.name,
    fields: body.selected_fields,
    format: body.format,
    csv: body.format === 'csv' ? (body.csv ?? { delimiter: ',', bom: false }) : null,
    timezone: body.timezone,
    personal: parts.personal,
  };
}

/** What makes the event of an attempt. */
export interface RequestedParts {
  readonly jobId: JobId;
  readonly owner: Owner;
  readonly attempt: number;
  readonly request: Job['request'];
  readonly traceparent: string;
  readonly now: number;
}

/** The event of an attempt as it lies in the outbox; its id is the same however often it is published. */
export function requestedEntry({
  jobId,
  owner,
  attempt,
  request,
  traceparent,
  now,
}: RequestedParts): OutboxEntry {
  const event: ExportRequested = { job_id: jobId, company_id: owner.companyId, attempt, ...request };
  return {
    id: eventId(jobId, 'export.requested', attempt),
    topic: request.spec.lane === 'bulk' ? 'export.requested.bulk' : 'export.requested',
    type: 'export.requested',
    key: jobId,
    company_id: owner.companyId,
    attempt,
    event,
    traceparent,
    at: now,
  };
}
