import { randomUUID } from 'node:crypto';
import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, describe, expect, it } from 'vitest';
import { createDeliveryStore } from './delivery-store.ts';
import { collectionsOf } from '../indexes.ts';
import { succeeded } from '@waybill/fixtures';

const url = sharedAddresses().mongo.url;
const opened = openStore({ url, database: uniqueName('deliveries'), logger: silentLogger() });
const { deliveries } = collectionsOf(opened);
const store = createDeliveryStore(deliveries);

afterAll(async () => {
  await opened.db.dropDatabase();
  await opened.close();
});

const now = new Date();
const fresh = () => ({ id: randomUUID(), template: 'export_succeeded' as const, event: succeeded() });
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));
const refused = { kind: 'refused', permanent: false, reason: 'away' } as const;
const accepted = { kind: 'accepted', response: '250 OK' } as const;

describe('of many tries at the same time', () => {
  it('one gets the claim', async () => {
    const delivery = fresh();
    const claims = await times(20, () => store.claim(delivery, now));
    expect(claims.filter((claim) => claim !== undefined)).toEqual([{ _id: delivery.id, tries: 1 }]);
  });

  it('one may send again what is retryable', async () => {
    const delivery = fresh();
    const claim = await store.claim(delivery, now);
    if (claim === undefined) throw new Error('no claim');
    await store.record(claim, refused, now, []);
    const claims = await times(20, () => store.reclaim(delivery.id, now));
    expect(claims.filter((each) => each !== undefined)).toEqual([{ _id: delivery.id, tries: 2 }]);
  });

  it('one releases what is stuck', async () => {
    const delivery = fresh();
    await store.claim(delivery, new Date(now.getTime() - 1_000));
    expect((await store.strand(now)).map(({ _id }) => _id)).toContain(delivery.id);
    expect((await times(10, () => store.release(delivery.id))).filter(Boolean)).toHaveLength(1);
  });
});

describe('a try that outlived its time', () => {
  it('still says that the email was sent, where nobody has tried since', async () => {
    const delivery = fresh();
    const claim = await store.claim(delivery, new Date(now.getTime() - 1_000));
    if (claim === undefined) throw new Error('no claim');
    await store.strand(now);
    await store.record(claim, accepted, now, []);
    expect(await deliveries.findOne({ _id: delivery.id })).toMatchObject({ state: 'sent', event: null });
  });

  it('does not overwrite what a later try has seen', async () => {
    const delivery = fresh();
    const late = await store.claim(delivery, new Date(now.getTime() - 1_000));
    if (late === undefined) throw new Error('no claim');
    await store.strand(now);
    await store.release(delivery.id);
    const second = await store.reclaim(delivery.id, now);
    if (second === undefined) throw new Error('no second claim');
    await store.record(late, refused, now, []);
    expect(await store.stateOf(delivery.id)).toBe('sending');
    await store.record(second, accepted, now, []);
    await store.record(late, refused, now, []);
    expect(await store.stateOf(delivery.id)).toBe('sent');
  });

  it('is not stranded before its time', async () => {
    const delivery = fresh();
    await store.claim(delivery, now);
    await store.strand(now);
    expect(await store.stateOf(delivery.id)).toBe('sending');
  });
});
