import { ExportError } from '@waybill/errors';
import { limits } from '@waybill/domain';
import { idempotencyTtlMs } from '../job/job.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';
import { uniqueKeyOf, type Owner } from '../request/fingerprint.ts';

/** The values that identify a repeated request. */
export interface RequestIdentity {
  readonly owner: Owner;
  /** Hash of the parsed request. */
  readonly fingerprint: string;
  /** The Idempotency-Key header, if the client sent one. */
  readonly idempotencyKey?: string;
}

/** Returns the unique keys that a job of this request stores. */
export function uniqueKeysOf({ owner, fingerprint, idempotencyKey }: RequestIdentity) {
  return {
    active: uniqueKeyOf(owner, 'request', fingerprint),
    ...(idempotencyKey === undefined ? {} : { idempotency: uniqueKeyOf(owner, 'key', idempotencyKey) }),
  };
}

/**
 * Returns the job of a repeated request. An Idempotency-Key returns its job for a day, in whatever state the job is.
 * Without one, an identical request returns the job that it started while that job runs; a new key that comes with such
 * a request returns the same job from then on.
 * @throws ExportError `IDEMPOTENCY_KEY_REUSED` when the key came with another request, `IDEMPOTENCY_KEYS_EXHAUSTED` when
 * the running job has so many keys that it cannot keep another.
 */
export async function findRepeated(
  jobs: Pick<JobStore, 'findByIdempotencyKey' | 'findActive' | 'addIdempotencyKey' | 'removeIdempotencyKey'>,
  identity: RequestIdentity,
  now: number,
): Promise<JobDocument | undefined> {
  const keys = uniqueKeysOf(identity);
  if (keys.idempotency !== undefined) {
    const keyed = await jobs.findByIdempotencyKey(keys.idempotency);
    if (keyed !== undefined && isFresh(keyed, now)) return requireSameRequest(keyed, identity);
    if (keyed !== undefined) await jobs.removeIdempotencyKey(keyed, keys.idempotency);
  }
  const active = await jobs.findActive(keys.active);
  if (active === undefined || keys.idempotency === undefined) return active;
  const added = await jobs.addIdempotencyKey(active, keys.idempotency, now);
  if (added === 'added') return active;
  if (added === 'full') {
    throw new ExportError('IDEMPOTENCY_KEYS_EXHAUSTED', { params: { limit: limits.idempotencyKeys } });
  }
  // A concurrent request with the same key was stored first: its job is the key's job.
  const winner = await jobs.findByIdempotencyKey(keys.idempotency);
  return winner === undefined ? active : requireSameRequest(winner, identity);
}

function isFresh(job: Pick<JobDocument, 'keyed_at'>, now: number): boolean {
  return job.keyed_at !== undefined && now - job.keyed_at < idempotencyTtlMs;
}

function requireSameRequest(job: JobDocument, identity: RequestIdentity): JobDocument {
  if (job.fingerprint !== identity.fingerprint) throw new ExportError('IDEMPOTENCY_KEY_REUSED');
  return job;
}
