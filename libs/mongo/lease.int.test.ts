import { silentLogger } from '@waybill/observability';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createLease, openStore } from './index.ts';

const store = openStore({
  url: sharedAddresses().mongo.url,
  database: uniqueName('lease'),
  logger: silentLogger(),
});
const { db } = store;
let at = 0;

/** Returns the lease of one process; all processes share a clock that the test moves. */
function leaseOf(owner: string) {
  return createLease({ db, name: 'sweep', owner, ttlMs: 1_000, now: () => new Date(at) });
}

beforeEach(async () => {
  at = Date.UTC(2026, 0, 1);
  await db.collection('leases').deleteMany({});
});

afterAll(async () => {
  await db.dropDatabase();
  await store.close();
});

describe('a lease', () => {
  it('is taken by one of many processes that ask at the same time', async () => {
    const taken = await Promise.all(Array.from({ length: 10 }, (_, index) => leaseOf(`p${index}`).take()));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('is extended by its owner, and is free for others once it has expired', async () => {
    const [first, second] = [leaseOf('first'), leaseOf('second')];
    expect(await first.take()).toBe(true);
    at += 900;
    expect(await first.take()).toBe(true);
    at += 900;
    expect(await second.take()).toBe(false);
    at += 100;
    expect(await second.take()).toBe(true);
    expect(await first.take()).toBe(false);
  });

  it('is free at once after its owner has released it, and is kept when another process releases it', async () => {
    const [first, second] = [leaseOf('first'), leaseOf('second')];
    expect(await first.take()).toBe(true);
    await second.release();
    expect(await second.take()).toBe(false);
    await first.release();
    expect(await second.take()).toBe(true);
  });

  it('of one name is independent of a lease of another name', async () => {
    expect(await leaseOf('first').take()).toBe(true);
    const other = createLease({ db, name: 'rewrap', owner: 'second', ttlMs: 1_000, now: () => new Date(at) });
    expect(await other.take()).toBe(true);
  });
});
