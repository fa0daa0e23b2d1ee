import { randomUUID } from 'node:crypto';
import type { Caller, CallerWithEmail } from '@waybill/auth';
import { ExportError, type Language } from '@waybill/errors';
import { sealPersonal } from '@waybill/crypto';
import { encodedBytes } from '@waybill/kafka';
import type { OutboxEntry, OutboxLease } from '@waybill/mongo';
import { jobId } from '@waybill/domain';
import { topics } from '@waybill/schemas';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { newJob } from '../job/new-job.ts';
import type { PersonalKeys } from '../job/personal-keys.ts';
import type { ExportRequest } from '../request/export-request.ts';
import { fingerprint } from '../request/fingerprint.ts';
import type { CheckedRequest, RequestChecks } from './checks.ts';
import { estimateBytes } from './estimate.ts';
import { findRepeated, uniqueKeysOf, type RequestIdentity } from './idempotency.ts';
import type { Quota } from './quota.ts';
import type { RateLimit, RateLimitPoint, RateLimitState } from './rate-limit.ts';

/** An export request as the client sent it. */
export interface AcceptRequest {
  readonly caller: CallerWithEmail;
  readonly body: unknown;
  readonly language: Language;
  readonly idempotencyKey?: string;
  readonly traceparent: string;
}

export interface Accepted {
  readonly job: JobDocument;
  readonly request: ExportRequest;
  /** True when an earlier request started this job. */
  readonly repeated: boolean;
  /** Number of ids that were sent more than once. */
  readonly duplicates: number;
  /** Absent for a repeated request, which does not count. */
  readonly rateLimit?: RateLimitState;
}

export interface AcceptDeps {
  readonly checks: RequestChecks;
  readonly jobs: JobStore;
  readonly personalKeys: Pick<PersonalKeys, 'keyOf'>;
  readonly quota: Quota;
  readonly rateLimit: Pick<RateLimit, 'take'>;
  readonly onLimitExceeded: (caller: Caller, total: number, cap: number) => void;
  /** Returns the lease to store with a new job, so that its event can be published without reading the job back. */
  readonly lease: () => OutboxLease;
  readonly now: () => Date;
}

/** A request with the results of its checks. */
interface AdmittedRequest extends AcceptRequest {
  readonly checked: CheckedRequest;
  readonly identity: RequestIdentity;
  readonly at: number;
}

/**
 * Creates the function that accepts or rejects export requests. The caller is authenticated before. The checks run in
 * the order of the contract: body, repeated request, region, set size, quota, rate limit, size of the event. Then one write
 * stores the job and its event.
 * @throws ExportError of the first check that fails; `SERVICE_UNAVAILABLE` while MongoDB is down, with nothing accepted.
 */
export function createAccept(deps: AcceptDeps): (request: AcceptRequest) => Promise<Accepted> {
  const { checks, jobs, now } = deps;
  return async (request) => {
    const at = now().getTime();
    const { companyId } = request.caller;
    const checked = await checks.request(request.body, { companyId, language: request.language, now: at });
    const identity = identityOf(request, checked);
    const first = await findRepeated(jobs, identity, at);
    if (first !== undefined) return repeated(first, checked);
    return admit(deps, { ...request, checked, identity, at });
  };
}

async function admit(deps: AcceptDeps, admitted: AdmittedRequest): Promise<Accepted> {
  const { caller, checked, at } = admitted;
  const company = await deps.checks.company(caller.companyId);
  const size = await deps.checks.size(checked.selection, company.cap).catch((error: unknown) => {
    if (error instanceof ExportError && error.code === 'EXPORT_LIMIT_EXCEEDED') {
      deps.onLimitExceeded(caller, Number(error.params['total']), Number(error.params['cap']));
    }
    throw error;
  });
  const { format, selected_fields: fields } = checked.request;
  const estimatedBytes = estimateBytes(size.total ?? size.cap, fields.length, format);
  await deps.quota.check(caller.companyId, { estimatedBytes, quotaBytes: company.quotaBytes, now: at });
  const point = await deps.rateLimit.take(caller.companyId);
  return returnPointOnError(point, async () => {
    const job = newJob({
      ...admitted,
      ...checked,
      jobId: jobId(randomUUID()),
      owner: admitted.identity.owner,
      organizationId: caller.organizationId,
      region: company.region,
      locale: checked.request.locale ?? admitted.language,
      size,
      estimatedBytes,
      personal: await sealRequester(deps.personalKeys, admitted),
      fingerprint: admitted.identity.fingerprint,
      uniqueKeys: uniqueKeysOf(admitted.identity),
      lease: deps.lease(),
      now: at,
    });
    job.outbox.forEach(requirePublishable);
    if ((await deps.jobs.insert(job)) === 'duplicate') return returnWinner(deps.jobs, admitted, point);
    return {
      job,
      request: checked.request,
      repeated: false,
      duplicates: checked.selection.duplicates,
      rateLimit: point.state,
    };
  });
}

/** Bytes of a message besides the event: its headers, its key and the frame of its batch. */
const messageOverheadBytes = 4_096;

/**
 * Checks that the broker takes an event; otherwise it would stay in the outbox for ever.
 * @throws ExportError `EXPORT_REQUEST_TOO_LARGE`
 */
function requirePublishable({ topic, event }: OutboxEntry): void {
  const bytes = encodedBytes(topic, event);
  const largest = topics.find((settings) => settings.topic === topic)?.maxMessageBytes ?? Infinity;
  const limit = largest - messageOverheadBytes;
  if (bytes > limit) {
    throw new ExportError('EXPORT_REQUEST_TOO_LARGE', { params: { bytes, limit_bytes: limit } });
  }
}

/** Returns the rate limit point when the write fails, because a request that is not accepted does not count. */
async function returnPointOnError(point: RateLimitPoint, write: () => Promise<Accepted>): Promise<Accepted> {
  try {
    return await write();
  } catch (error) {
    await point.giveBack();
    throw error;
  }
}

/** Returns the job of an identical request that was written first, and returns the rate limit point. */
async function returnWinner(
  jobs: JobStore,
  admitted: AdmittedRequest,
  point: RateLimitPoint,
): Promise<Accepted> {
  const winner = await findRepeated(jobs, admitted.identity, admitted.at);
  // The winner ended in the meantime: the client can send the request again.
  if (winner === undefined) throw new ExportError('SERVICE_UNAVAILABLE');
  await point.giveBack();
  return repeated(winner, admitted.checked);
}

function repeated(job: JobDocument, { request, selection }: CheckedRequest): Accepted {
  return { job, request, repeated: true, duplicates: selection.duplicates };
}

function identityOf({ caller, idempotencyKey }: AcceptRequest, { request }: CheckedRequest): RequestIdentity {
  return {
    owner: { companyId: caller.companyId, userId: caller.userId },
    fingerprint: fingerprint(request),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

/** Seals the requester's email address, name and search terms under the key of that person. */
async function sealRequester(
  keys: Pick<PersonalKeys, 'keyOf'>,
  { caller, checked, identity, at }: AdmittedRequest,
) {
  const { criterion } = checked.selection.query;
  return sealPersonal(
    await keys.keyOf(identity.owner, at),
    {
      email: caller.email,
      ...(caller.name === undefined ? {} : { name: caller.name }),
      ...(criterion === undefined ? {} : { criterion }),
    },
    identity.owner,
  );
}
