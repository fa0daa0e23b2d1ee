import { companyId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createQuota } from './quota.ts';

const company = companyId('c1');

/** The context of a check at `now`, with a quota of 1,000 bytes. */
const check = (estimatedBytes: number, now: number) => ({ estimatedBytes, quotaBytes: 1_000, now });

/** Creates a quota over a sum that the test sets; `queries` counts how often it is read. */
function createTestQuota(bytes: number) {
  const store = { bytes, queries: 0 };
  const quota = createQuota(() => {
    store.queries += 1;
    return Promise.resolve(store.bytes);
  });
  return { store, quota };
}

describe('storage quota', () => {
  it('rejects an export that exceeds it, with the used bytes [R10]', async () => {
    const { quota } = createTestQuota(900);
    await expect(quota.check(company, check(101, 0))).rejects.toMatchObject({
      code: 'EXPORT_STORAGE_QUOTA_EXCEEDED',
      params: { used_bytes: 900, quota_bytes: 1_000 },
    });
    await expect(quota.check(company, check(100, 0))).resolves.toBeUndefined();
  });

  it('adds the exports that were accepted since the sum was read', async () => {
    const { quota, store } = createTestQuota(0);
    await quota.check(company, check(300, 0));
    await quota.check(company, check(199, 1));
    expect(store.queries).toBe(1);
    store.bytes = 499;
    await quota.check(company, check(400, 2));
    expect(store.queries).toBe(2);
    store.bytes = 899;
    await expect(quota.check(company, check(102, 3))).rejects.toMatchObject({ status: 422 });
  });

  it('reads a new sum after ten seconds, and each time above half of the quota', async () => {
    const { quota, store } = createTestQuota(0);
    await quota.check(company, check(1, 0));
    await quota.check(company, check(1, 9_999));
    expect(store.queries).toBe(1);
    await quota.check(company, check(1, 10_000));
    expect(store.queries).toBe(2);
    store.bytes = 600;
    await quota.check(company, check(1, 30_000));
    await quota.check(company, check(1, 30_001));
    expect(store.queries).toBe(4);
  });
});
