import type { Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { companyId, organizationId, userId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createAccept, type AcceptParts } from './accept.ts';
import type { JobDocument } from '../job/job-store.ts';
import { sampleBody } from '../testing/sample-body.ts';
import { sampleJob } from '../testing/sample-job.ts';

const caller: Caller = {
  userId: userId('u1'),
  companyId: companyId('c1'),
  organizationId: organizationId('o1'),
  permissions: ['contacts.export'],
  email: 'u1@example.com',
  locale: 'en',
};
const down = new ExportError('SERVICE_UNAVAILABLE');
const key = { key: Buffer.alloc(32), keyId: 'k', wrappedKey: Buffer.from('w') };

/** Ports that answer well and write down what was asked of them, but for those that a test replaces. */
function ports(jobs: Partial<AcceptParts['jobs']> = {}, checks: Partial<AcceptParts['checks']> = {}) {
  const asked: string[] = [];
  const note = <T>(name: string, answer: T): Promise<T> => {
    asked.push(name);
    return Promise.resolve(answer);
  };
  const selection = { mode: 'all', ids: [], duplicates: 0, query: { companyId: caller.companyId } } as const;
  const layout = { id: 'default', name: 'Default view', is_default: true, fields: [] };
  const parts: AcceptParts = {
    checks: {
      body: () => note('body', { body: sampleBody(), layout, exportable: [], selection }),
      company: () => note('region', { region: 'id', cap: 10_000, quotaBytes: 1e9 }),
      size: () => note('size', { total: 5, cap: 10_000, lane: 'standard' as const }),
      count: () => note('count', { total: 5, late: false }),
      ...checks,
    },
    // The rest of a store is not asked for when an export is accepted.
    jobs: {
      byKeyClaim: () => note('dedup', undefined),
      byActiveClaim: () => note('dedup', undefined),
      insert: () => note('write', 'inserted' as const),
      ...jobs,
    } as AcceptParts['jobs'],
    personalKeys: { keyOf: () => note('key', key) },
    quota: { check: () => note('quota', undefined) },
    rateLimit: {
      take: () =>
        note('rate limit', {
          state: { limit: 5, remaining: 4, resetSeconds: 60, windowSeconds: 3_600 },
          giveBack: () => note('give back', undefined),
        }),
    },
    onLimitExceeded: () => asked.push('limit exceeded'),
    lease: () => ({ owner: 'intake', until: 0 }),
    now: () => 0,
  };
  const accept = () => createAccept(parts)({ caller, body: {}, language: 'en', traceparent: 'traceparent' });
  return { asked, accept };
}

describe('accepting', () => {
  it('checks in the order of the contract and ends with one write', async () => {
    const { asked, accept } = ports();
    await accept();
    expect(asked).toEqual(['body', 'dedup', 'region', 'size', 'quota', 'rate limit', 'key', 'write']);
  });

  it('asks nothing more once a request is recognised', async () => {
    // What is returned of it is its id.
    const first = sampleJob() as JobDocument;
    const { asked, accept } = ports({ byActiveClaim: () => Promise.resolve(first) });
    expect(await accept()).toMatchObject({ job: first, repeated: true });
    expect(asked).toEqual(['body']);
  });

  it('gives the rate-limit point back when the write fails', async () => {
    const { asked, accept } = ports({ insert: () => Promise.reject(down) });
    await expect(accept()).rejects.toBe(down);
    expect(asked.at(-1)).toBe('give back');
  });

  it('gives the point back and returns the winner when another request was written first', async () => {
    const winner = sampleJob() as JobDocument;
    let looked = 0;
    const byActiveClaim = () => Promise.resolve((looked += 1) === 1 ? undefined : winner);
    const { asked, accept } = ports({ byActiveClaim, insert: () => Promise.resolve('duplicate') });
    const accepted = await accept();
    expect(accepted).toMatchObject({ job: winner, repeated: true });
    expect(accepted.rateLimit).toBeUndefined();
    expect(asked.filter((name) => name === 'give back')).toHaveLength(1);
  });

  it('asks the client to try again when the winner has ended in between, and keeps no point', async () => {
    const { asked, accept } = ports({ insert: () => Promise.resolve('duplicate') });
    await expect(accept()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(asked.filter((name) => name === 'give back')).toHaveLength(1);
  });

  it('takes no point for what is too large, and tells the product team', async () => {
    const tooMany = new ExportError('EXPORT_LIMIT_EXCEEDED', { params: { total: 11, cap: 10 } });
    const { asked, accept } = ports({}, { size: () => Promise.reject(tooMany) });
    await expect(accept()).rejects.toBe(tooMany);
    expect(asked).toEqual(['body', 'dedup', 'region', 'limit exceeded']);
  });
});
