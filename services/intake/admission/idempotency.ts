import { ExportError } from '@waybill/errors';
import { claimOf, type Owner } from '../request/fingerprint.ts';
import type { JobDocument, JobStore } from '../job/job-store.ts';

/** How long an Idempotency-Key returns its job. */
export const keyTtlMs = 86_400_000;

/** What makes a request recognisable as one that was made before. */
export interface RequestIdentity {
  readonly owner: Owner;
  /** Of the parsed body. */
  readonly fingerprint: string;
  /** The Idempotency-Key header, where there is one. */
  readonly key?: string;
}

/** The claims that a job of this request holds. */
export function claimsOf({ owner, fingerprint, key }: RequestIdentity) {
  return {
    active: claimOf(owner, 'request', fingerprint),
    ...(key === undefined ? {} : { key: claimOf(owner, 'key', key) }),
  };
}

/**
 * The job that a repeated request returns: the one of its Idempotency-Key, for a day, whatever has become of it; else
 * the one that the user's identical request started, while that runs. A key that comes with the latter returns the
 * same job from then on.
 * @throws ExportError `IDEMPOTENCY_KEY_REUSED` when the key came with another body.
 */
export async function findRepeated(
  jobs: Pick<JobStore, 'byKeyClaim' | 'byActiveClaim' | 'addKeyClaim' | 'releaseKeyClaim'>,
  identity: RequestIdentity,
  now: number,
): Promise<JobDocument | undefined> {
  const claims = claimsOf(identity);
  if (claims.key !== undefined) {
    const keyed = await jobs.byKeyClaim(claims.key);
    if (keyed !== undefined && isFresh(keyed, now)) return sameRequest(keyed, identity);
    if (keyed !== undefined) await jobs.releaseKeyClaim(keyed, claims.key);
  }
  const active = await jobs.byActiveClaim(claims.active);
  if (active === undefined || claims.key === undefined) return active;
  if (await jobs.addKeyClaim(active, claims.key, now)) return active;
  // A request with the same key came between: its job is the one that the key stands for.
  const winner = await jobs.byKeyClaim(claims.key);
  return winner === undefined ? active : sameRequest(winner, identity);
}

function isFresh(job: Pick<JobDocument, 'keyed_at'>, now: number): boolean {
  return job.keyed_at !== undefined && now - job.keyed_at < keyTtlMs;
}

function sameRequest(job: JobDocument, identity: RequestIdentity): JobDocument {
  if (job.fingerprint !== identity.fingerprint) throw new ExportError('IDEMPOTENCY_KEY_REUSED');
  return job;
}
