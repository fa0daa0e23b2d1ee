import type { CallerWithEmail } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { companyId, organizationId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createAccept, type AcceptDeps } from './accept.ts';
import type { JobDocument } from '../job/job-store.ts';
import { sampleRequest } from '../testing/sample-request.ts';
import { sampleJob } from '../testing/sample-job.ts';

const caller: CallerWithEmail = {
  userId: userId('u1'),
  companyId: companyId('c1'),
  organizationId: organizationId('o1'),
  permissions: ['contacts.export'],
  email: 'u1@example.com',
  locale: 'en',
};
const down = new ExportError('SERVICE_UNAVAILABLE');
const key = { key: Buffer.alloc(32), keyId: 'k', wrappedKey: Buffer.from('w') };

/** Creates `accept` with dependencies that succeed and record their calls, except those that a test replaces. */
function createTestAccept(
  jobs: Partial<AcceptDeps['jobs']> = {},
  checks: Partial<AcceptDeps['checks']> = {},
) {
  const calls: string[] = [];
  const record = <T>(name: string, answer: T): Promise<T> => {
    calls.push(name);
    return Promise.resolve(answer);
  };
  const selection = {
    mode: 'all',
    ids: [],
    duplicates: 0,
    excludedIds: [],
    query: { companyId: caller.companyId },
  } as const;
  const layout = { id: 'default', name: 'Default view', is_default: true, fields: [] };
  const deps: AcceptDeps = {
    checks: {
      request: () => record('request', { request: sampleRequest(), layout, exportable: [], selection }),
      company: () => record('region', { region: 'id', cap: 10_000, quotaBytes: 1e9 }),
      size: () => record('size', { total: 5, cap: 10_000, lane: 'standard' as const }),
      count: () => record('count', { total: 5, late: false }),
      ...checks,
    },
    // Accepting an export calls no other function of the store.
    jobs: {
      findByIdempotencyKey: () => record('repeated', undefined),
      findActive: () => record('repeated', undefined),
      insert: () => record('write', 'inserted' as const),
      ...jobs,
    } as AcceptDeps['jobs'],
    personalKeys: { keyOf: () => record('key', key) },
    quota: { check: () => record('quota', undefined) },
    rateLimit: {
      take: () =>
        record('rate limit', {
          state: { limit: 5, remaining: 4, resetSeconds: 60, windowSeconds: 3_600 },
          giveBack: () => record('give back', undefined),
        }),
    },
    onLimitExceeded: () => calls.push('limit exceeded'),
    lease: () => ({ owner: 'intake', until: 0 }),
    now: () => new Date(0),
  };
  const accept = () => createAccept(deps)({ caller, body: {}, language: 'en', traceparent: 'traceparent' });
  return { calls, accept };
}

describe('accept', () => {
  it('checks in the order of the contract and ends with one write', async () => {
    const { calls, accept } = createTestAccept();
    await accept();
    expect(calls).toEqual(['request', 'repeated', 'region', 'size', 'quota', 'rate limit', 'key', 'write']);
  });

  it('runs no further check for a repeated request', async () => {
    // The answer contains only the id of the job.
    const first = sampleJob() as JobDocument;
    const { calls, accept } = createTestAccept({ findActive: () => Promise.resolve(first) });
    expect(await accept()).toMatchObject({ job: first, repeated: true });
    expect(calls).toEqual(['request']);
  });

  it('gives the rate limit point back when the write fails', async () => {
    const { calls, accept } = createTestAccept({ insert: () => Promise.reject(down) });
    await expect(accept()).rejects.toBe(down);
    expect(calls.at(-1)).toBe('give back');
  });

  it('gives the point back and returns the other job when an identical request was written first', async () => {
    const winner = sampleJob() as JobDocument;
    let lookups = 0;
    const findActive = () => Promise.resolve((lookups += 1) === 1 ? undefined : winner);
    const { calls, accept } = createTestAccept({ findActive, insert: () => Promise.resolve('duplicate') });
    const accepted = await accept();
    expect(accepted).toMatchObject({ job: winner, repeated: true });
    expect(accepted.rateLimit).toBeUndefined();
    expect(calls.filter((name) => name === 'give back')).toHaveLength(1);
  });

  it('throws SERVICE_UNAVAILABLE and gives the point back when the other job has ended in the meantime', async () => {
    const { calls, accept } = createTestAccept({ insert: () => Promise.resolve('duplicate') });
    await expect(accept()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(calls.filter((name) => name === 'give back')).toHaveLength(1);
  });

  it('takes no point for a selection over the cap, and reports it as a product event', async () => {
    const tooMany = new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: 11, cap: 10 } });
    const { calls, accept } = createTestAccept({}, { size: () => Promise.reject(tooMany) });
    await expect(accept()).rejects.toBe(tooMany);
    expect(calls).toEqual(['request', 'repeated', 'region', 'limit exceeded']);
  });
});
