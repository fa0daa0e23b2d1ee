import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, describe, expect, it } from 'vitest';
import { createErasureRecords, type ErasureRecord } from './index.ts';

const database = uniqueName('erasure-records');
const store = openStore({ url: sharedAddresses().mongo.url, database, logger: silentLogger() });
const records = createErasureRecords(store.db);
const find = (id: string) => store.db.collection<ErasureRecord>('erasure_records').findOne({ _id: id });
const at = new Date('2026-11-25T01:00:00Z');

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

describe('record of an erasure', () => {
  it('names who requested it, when, and its counts, and the erased person only by a hash', async () => {
    const id = await records.start({ companyId: 'acme', userId: 'ani' }, 'boss', at);
    const later = new Date(at.getTime() + 5_000);
    await records.finish(id, { removed: { jobs: 2 }, remaining: { jobs: 0 } }, later);
    const record = await find(id);
    expect(record).toMatchObject({
      company_id: 'acme',
      requested_by: 'boss',
      scope: 'person',
      requested_at: at,
      finished_at: later,
      removed: { jobs: 2 },
      remaining: { jobs: 0 },
    });
    expect(record?.subject).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(record)).not.toContain('ani');
  });

  it('exists without an end while the erasure runs and after it failed', async () => {
    const id = await records.start({ companyId: 'acme' }, 'boss', at);
    expect(await find(id)).toMatchObject({ scope: 'company', finished_at: null, removed: null });
  });

  it('is one for each erasure, with the same subject when the erasure is repeated', async () => {
    const scope = { companyId: 'acme', userId: 'budi' };
    const [first, second] = [await records.start(scope, 'boss', at), await records.start(scope, 'boss', at)];
    expect(first).not.toBe(second);
    expect((await find(first))?.subject).toBe((await find(second))?.subject);
  });
});
