import type { Layout } from '@waybill/contacts';
import { eventId } from '@waybill/kafka';
import type { ExportRequested, ExportSpec, Repeat, SealedData } from '@waybill/schemas';
import type { OutboxEntry, OutboxLease } from '@waybill/mongo';
import type { JobId, Locale } from '@waybill/domain';
import { csvOptions, type ExportRequest } from '../request/export-request.ts';
import type { Owner } from '../request/fingerprint.ts';
import { queuedState, type Job } from './job.ts';
import type { Selection, SetSize } from '../request/selection.ts';
import type { JobDocument } from './job-store.ts';

/** The values of a new job after every check has passed. */
export interface NewJobContext {
  readonly jobId: JobId;
  readonly owner: Owner;
  readonly organizationId: string;
  readonly region: string;
  readonly locale: Locale;
  readonly request: ExportRequest;
  readonly layout: Layout;
  readonly selection: Selection;
  readonly size: SetSize;
  readonly estimatedBytes: number;
  readonly personal: SealedData;
  readonly fingerprint: string;
  readonly uniqueKeys: { readonly active: string; readonly idempotency?: string };
  readonly lease: OutboxLease;
  readonly traceparent: string;
  readonly now: number;
}

/** Returns the document that accepts the request: the job, with its event in its outbox. */
export function newJob(context: NewJobContext): JobDocument {
  const { jobId, owner, now, uniqueKeys } = context;
  const request = requestOf(context);
  return {
    _id: jobId,
    company_id: owner.companyId,
    user_id: owner.userId,
    accepted_at: now,
    request,
    fingerprint: context.fingerprint,
    active_key: uniqueKeys.active,
    ...(uniqueKeys.idempotency === undefined ? {} : { unique_keys: [uniqueKeys.idempotency], keyed_at: now }),
    ...queuedState({
      attempt: 1,
      counted: context.size.total ?? null,
      heldBytes: context.estimatedBytes,
      at: now,
    }),
    outbox: [requestedEntry({ jobId, owner, attempt: 1, request, traceparent: context.traceparent, now })],
    outbox_pending: true,
    outbox_lease: context.lease,
  };
}

function requestOf(context: NewJobContext): Job['request'] {
  const { selection, size } = context;
  return {
    spec: specOf(context),
    ids: selection.ids,
    excluded_ids: selection.excludedIds,
    created_from: selection.query.createdFrom ?? null,
    created_before: selection.query.createdBefore ?? null,
    cap: size.cap,
  };
}

function specOf({ request, layout, owner, size, ...context }: NewJobContext): ExportSpec {
  return {
    organization_id: context.organizationId,
    user_id: owner.userId,
    region: context.region,
    locale: context.locale,
    requested_at: context.now,
    lane: size.lane,
    selection_mode: request.selection_mode,
    period: request.period ?? null,
    start_date: request.start_date ?? null,
    end_date: request.end_date ?? null,
    sources: request.source,
    excluded_count: request.excluded_ids.length,
    layout_id: layout.id,
    layout_name: layout.name,
    fields: request.selected_fields,
    format: request.format,
    csv: request.format === 'csv' ? csvOptions(request.csv ?? {}, context.locale) : null,
    xlsx: request.format === 'xlsx' ? (request.xlsx ?? null) : null,
    timezone: request.timezone,
    personal: context.personal,
  };
}

/** The values of the event of an attempt. */
export interface RequestedContext {
  readonly jobId: JobId;
  readonly owner: Owner;
  readonly attempt: number;
  readonly request: Job['request'];
  readonly traceparent: string;
  /** Set if the request is published again. */
  readonly repeat?: Repeat | null;
  readonly now: number;
}

/** Returns the outbox entry that starts an attempt. Its event id is the same every time it is published. */
export function requestedEntry({
  jobId,
  owner,
  attempt,
  request,
  traceparent,
  repeat = null,
  now,
}: RequestedContext): OutboxEntry {
  const event: ExportRequested = { job_id: jobId, company_id: owner.companyId, attempt, ...request, repeat };
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
