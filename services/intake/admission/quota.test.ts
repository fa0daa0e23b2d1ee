import { companyId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createQuota } from './quota.ts';

const company = companyId('c1');

/** A sum that the test sets, and how often it was asked for. */
function held(bytes: number) {
  const store = { bytes, asked: 0 };
  const quota = createQuota(() => {
    store.asked += 1;
    return Promise.resolve(store.bytes);
  });
  return { store, quota };
}

describe('the storage quota', () => {
  it('refuses what would go over it, and says how much is used', async () => {
    const { quota } = held(900);
    await expect(quota.check(company, 101, 1_000, 0)).rejects.toMatchObject({
      code: 'EXPORT_STORAGE_QUOTA_EXCEEDED',
      params: { used_bytes: 900, quota_bytes: 1_000 },
    });
    await expect(quota.check(company, 100, 1_000, 0)).resolves.toBeUndefined();
  });

  it('counts what was accepted since the sum was taken', async () => {
    const { quota, store } = held(0);
    await quota.check(company, 300, 1_000, 0);
    await quota.check(company, 199, 1_000, 1);
    expect(store.asked).toBe(1);
    store.bytes = 499;
    await quota.check(company, 400, 1_000, 2);
    expect(store.asked).toBe(2);
    store.bytes = 899;
    await expect(quota.check(company, 102, 1_000, 3)).rejects.toMatchObject({ status: 422 });
  });

  it('takes a new sum after ten seconds, and always near the quota', async () => {
    const { quota, store } = held(0);
    await quota.check(company, 1, 1_000, 0);
    await quota.check(company, 1, 1_000, 9_999);
    expect(store.asked).toBe(1);
    await quota.check(company, 1, 1_000, 10_000);
    expect(store.asked).toBe(2);
    store.bytes = 600;
    await quota.check(company, 1, 1_000, 30_000);
    await quota.check(company, 1, 1_000, 30_001);
    expect(store.asked).toBe(4);
  });
});
