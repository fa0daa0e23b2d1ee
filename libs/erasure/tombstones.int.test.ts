import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createTombstones, type TombstoneDocument } from './index.ts';

const database = uniqueName('tombstones');
const store = openStore({ url: sharedAddresses().mongo.url, database, logger: silentLogger() });
const collection = store.db.collection<TombstoneDocument>('erasures');
const tombstones = createTombstones(collection);
const at = (ms: number) => new Date(ms);
const asked = (requestedAt: number, userId = 'ani', companyId = 'acme') => ({
  companyId,
  userId,
  requestedAt,
});

beforeEach(() => collection.deleteMany({}));
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

describe('createTombstones', () => {
  it("a tombstone of a person covers that person's earlier requests and nobody else's", async () => {
    await tombstones.add({ companyId: 'acme', userId: 'ani' }, at(1_000));
    expect(await tombstones.coverOf(asked(1_000))).toBe('person');
    expect(await tombstones.coverOf(asked(1_001))).toBeUndefined();
    expect(await tombstones.coverOf(asked(1_000, 'budi'))).toBeUndefined();
    expect(await tombstones.coverOf(asked(1_000, 'ani', 'other'))).toBeUndefined();
  });

  it('a tombstone of a company covers everybody in it, also people who were erased before', async () => {
    await tombstones.add({ companyId: 'acme', userId: 'ani' }, at(1_000));
    await tombstones.add({ companyId: 'acme' }, at(1_000));
    expect(await tombstones.coverOf(asked(999))).toBe('company');
    expect(await tombstones.coverOf(asked(999, 'budi'))).toBe('company');
  });

  it('a repeated erasure covers later requests', async () => {
    await tombstones.add({ companyId: 'acme', userId: 'ani' }, at(1_000));
    await tombstones.add({ companyId: 'acme', userId: 'ani' }, at(2_000));
    expect(await tombstones.coverOf(asked(1_500))).toBe('person');
    expect(await collection.countDocuments()).toBe(1);
  });

  it('a tombstone stores no names and is removed after 120 days', async () => {
    await tombstones.add({ companyId: 'acme', userId: 'ani' }, at(0));
    expect(JSON.stringify(await collection.find().toArray())).not.toMatch(/acme|ani/);
    expect(await tombstones.removePast(at(120 * 86_400_000))).toBe(0);
    expect(await tombstones.removePast(at(120 * 86_400_000 + 1))).toBe(1);
  });
});
