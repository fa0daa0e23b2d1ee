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
const failed = {
  result: { kind: 'refused', permanent: false, reason: 'down' },
  at: now,
  events: [],
} as const;
const sent = { result: { kind: 'accepted', response: '250 OK' }, at: now, events: [] } as const;

describe('DeliveryStore under concurrent calls', () => {
  it('gives the reservation to one of many callers', async () => {
    const delivery = fresh();
    const reservations = await times(20, () => store.reserve(delivery, now));
    expect(reservations.filter((each) => each !== undefined)).toEqual([{ _id: delivery.id, tries: 1 }]);
  });

  it('allows one of many callers to send a retryable delivery again', async () => {
    const delivery = fresh();
    const reservation = await store.reserve(delivery, now);
    if (reservation === undefined) throw new Error('no reservation');
    await store.record(reservation, failed);
    const reservations = await times(20, () => store.reserveAgain(delivery.id, now));
    expect(reservations.filter((each) => each !== undefined)).toEqual([{ _id: delivery.id, tries: 2 }]);
  });

  it('allows one of many callers to release a stuck delivery', async () => {
    const delivery = fresh();
    await store.reserve(delivery, new Date(now.getTime() - 1_000));
    expect((await store.markStuck(now)).map(({ _id }) => _id)).toContain(delivery.id);
    expect((await times(10, () => store.release(delivery.id))).filter(Boolean)).toHaveLength(1);
  });
});

describe('DeliveryStore.record after a late send', () => {
  it('records a late success if no later send was reserved', async () => {
    const delivery = fresh();
    const reservation = await store.reserve(delivery, new Date(now.getTime() - 1_000));
    if (reservation === undefined) throw new Error('no reservation');
    await store.markStuck(now);
    await store.record(reservation, sent);
    expect(await deliveries.findOne({ _id: delivery.id })).toMatchObject({ state: 'sent', event: null });
  });

  it('ignores the late result of a send that was superseded', async () => {
    const delivery = fresh();
    const late = await store.reserve(delivery, new Date(now.getTime() - 1_000));
    if (late === undefined) throw new Error('no reservation');
    await store.markStuck(now);
    await store.release(delivery.id);
    const second = await store.reserveAgain(delivery.id, now);
    if (second === undefined) throw new Error('no second reservation');
    await store.record(late, failed);
    expect(await store.stateOf(delivery.id)).toBe('sending');
    await store.record(second, sent);
    await store.record(late, failed);
    expect(await store.stateOf(delivery.id)).toBe('sent');
  });

  it('does not mark a delivery as stuck before its time', async () => {
    const delivery = fresh();
    await store.reserve(delivery, now);
    await store.markStuck(now);
    expect(await store.stateOf(delivery.id)).toBe('sending');
  });
});
