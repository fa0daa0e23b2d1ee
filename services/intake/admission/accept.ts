import { randomUUID } from 'node:crypto';
import type { Caller } from '@waybill/auth';
import { ExportError, type Language } from '@waybill/errors';
import { sealPersonal } from '@waybill/crypto';
import type { OutboxLease } from '@waybill/mongo';
import { jobId } from '@waybill/domain';
import type { ExportBody } from '../request/export-request.ts';
import type { CheckedBody, RequestChecks } from './checks.ts';
import { claimsOf, findRepeated, type RequestIdentity } from './idempotency.ts';
import { estimateBytes } from './estimate.ts';
import { fingerprint } from '../request/fingerprint.ts';
import { newJob } from '../job/new-job.ts';
import type { PersonalKeys } from '../job/personal-keys.ts';
import type { Quota } from './quota.ts';
import type { RateLimit, RateLimitPoint, RateLimitState } from './rate-limit.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

/** A request to export, as it came. */
export interface AcceptRequest {
  readonly caller: Caller;
  readonly body: unknown;
  readonly language: Language;
  readonly idempotencyKey?: string;
  readonly traceparent: string;
}

export interface Accepted {
  readonly job: JobDocument;
  readonly body: ExportBody;
  /** The request was made before: this is the job that it started then. */
  readonly repeated: boolean;
  /** Ids that were given more than once. */
  readonly duplicates: number;
  /** Absent for a repeated request, which does not count. */
  readonly rateLimit?: RateLimitState;
}

export interface AcceptParts {
  readonly checks: RequestChecks;
  readonly jobs: JobStore;
  readonly personalKeys: Pick<PersonalKeys, 'keyOf'>;
  readonly quota: Quota;
  readonly rateLimit: RateLimit;
  readonly onLimitExceeded: (caller: Caller, total: number, cap: number) => void;
  /** The lease of a new job's outbox: who accepts it publishes its event. */
  readonly lease: () => OutboxLease;
  readonly now: () => number;
}

/** A request with what its checks found. */
interface Admitted extends AcceptRequest {
  readonly checked: CheckedBody;
  readonly identity: RequestIdentity;
  readonly at: number;
}

/**
 * Accepts a request, or says why not. The checks go in the order of the contract (who asks is known by now): body,
 * repeated request, region, set size, quota, rate limit; then one write makes the job and its event.
 * @throws ExportError the first check that fails; `SERVICE_UNAVAILABLE` while MongoDB is down: then nothing is accepted.
 */
export function createAccept(parts: AcceptParts): (request: AcceptRequest) => Promise<Accepted> {
  const { checks, jobs, now } = parts;
  return async (request) => {
    const at = now();
    const checked = await checks.body(request.body, request.caller.companyId, request.language, at);
    const identity = identityOf(request, checked);
    const first = await findRepeated(jobs, identity, at);
    if (first !== undefined) return repeated(first, checked);
    return admit(parts, { ...request, checked, identity, at });
  };
}

async function admit(parts: AcceptParts, admitted: Admitted): Promise<Accepted> {
  const { caller, checked, at } = admitted;
  const company = await parts.checks.company(caller.companyId);
  const size = await parts.checks.size(checked.selection, company.cap).catch((error: unknown) => {
    if (error instanceof ExportError && error.code === 'EXPORT_LIMIT_EXCEEDED') {
      parts.onLimitExceeded(caller, Number(error.params['total']), Number(error.params['cap']));
    }
    throw error;
  });
  const { format, selected_fields: fields } = checked.body;
  const estimatedBytes = estimateBytes(size.total ?? size.cap, fields.length, format);
  await parts.quota.check(caller.companyId, estimatedBytes, company.quotaBytes, at);
  const point = await parts.rateLimit.take(caller.companyId);
  return unlessLost(point, async () => {
    const job = newJob({
      ...checked,
      ...admitted,
      jobId: jobId(randomUUID()),
      body: checked.body,
      owner: admitted.identity.owner,
      organizationId: caller.organizationId,
      region: company.region,
      locale: checked.body.locale ?? caller.locale,
      size,
      estimatedBytes,
      personal: await personalOf(parts.personalKeys, admitted),
      fingerprint: admitted.identity.fingerprint,
      claims: claimsOf(admitted.identity),
      lease: parts.lease(),
      now: at,
    });
    if ((await parts.jobs.insert(job)) === 'duplicate') return winnerOf(parts.jobs, admitted, point);
    return {
      job,
      body: checked.body,
      repeated: false,
      duplicates: checked.selection.duplicates,
      rateLimit: point.state,
    };
  });
}

/** A request that is not accepted does not count. */
async function unlessLost(point: RateLimitPoint, write: () => Promise<Accepted>): Promise<Accepted> {
  try {
    return await write();
  } catch (error) {
    await point.giveBack();
    throw error;
  }
}

/** Two identical requests at once: the one that was written second returns the first one's job, uncounted. */
async function winnerOf(jobs: JobStore, admitted: Admitted, point: RateLimitPoint): Promise<Accepted> {
  const winner = await findRepeated(jobs, admitted.identity, admitted.at);
  // The winner ended in between: the client may simply ask again.
  if (winner === undefined) throw new ExportError('SERVICE_UNAVAILABLE');
  await point.giveBack();
  return repeated(winner, admitted.checked);
}

function repeated(job: JobDocument, { body, selection }: CheckedBody): Accepted {
  return { job, body, repeated: true, duplicates: selection.duplicates };
}

function identityOf({ caller, idempotencyKey }: AcceptRequest, { body }: CheckedBody): RequestIdentity {
  return {
    owner: { companyId: caller.companyId, userId: caller.userId },
    fingerprint: fingerprint(body),
    ...(idempotencyKey === undefined ? {} : { key: idempotencyKey }),
  };
}

async function personalOf(keys: Pick<PersonalKeys, 'keyOf'>, { caller, checked, identity, at }: Admitted) {
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
