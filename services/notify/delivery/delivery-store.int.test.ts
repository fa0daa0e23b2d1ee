import { randomUUID } from 'node:crypto';
import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryStore, type Lease, type RecordedTry } from './delivery-store.ts';
import { collectionsOf } from '../indexes.ts';
import { succeeded } from '@waybill/fixtures';

const url = sharedAddresses().mongo.url;
const opened = openStore({ url, database: uniqueName('deliveries'), logger: silentLogger() });
const { deliveries } = collectionsOf(opened);
const store = createDeliveryStore(deliveries);

beforeEach(() => deliveries.deleteMany({}));
afterAll(async () => {
  await opened.db.dropDatabase();
  await opened.close();
});

const now = new Date();
const later = (ms: number) => new Date(now.getTime() + ms);
/** A lease that starts so many ms from now and lasts for a minute. */
const leaseAt = (ms: number) => ({ now: later(ms), until: later(ms + 60_000) });
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));
const defined = <T>(all: readonly (T | undefined)[]) => all.filter((each) => each !== undefined);

const sent: RecordedTry = { verdict: { state: 'sent' }, answer: '250 OK', at: now, events: [] };
const again = (ms: number): RecordedTry => ({
  verdict: { state: 'scheduled', nextAttemptAt: later(ms) },
  answer: 'down',
  at: now,
  events: [],
});

async function added(): Promise<string> {
  const id = randomUUID();
  await store.add({ id, template: 'export_succeeded', event: succeeded(), traceparent: undefined }, now);
  return id;
}

async function leased(ms = 0): Promise<Lease> {
  const lease = await store.leaseDue(leaseAt(ms));
  if (lease === undefined) throw new Error('nothing is due');
  return lease;
}

/** A delivery whose process ended after the hand-over. */
async function stuck(): Promise<{ readonly id: string; readonly lease: Lease }> {
  const id = await added();
  const lease = await leased();
  await store.handOver(lease, now);
  expect((await store.markStuck(later(1))).map(({ _id }) => _id)).toEqual([id]);
  return { id, lease };
}

const stateOf = async (id: string) => (await store.find(id))?.state;

describe('DeliveryStore under concurrent calls', () => {
  it('inserts one record for many callers', async () => {
    const delivery = {
      id: randomUUID(),
      template: 'export_succeeded',
      event: succeeded(),
      traceparent: undefined,
    } as const;
    expect((await times(20, () => store.add(delivery, now))).filter(Boolean)).toHaveLength(1);
  });

  it('leases a due delivery to one of many callers', async () => {
    const id = await added();
    const leases = defined(await times(20, () => store.leaseDue(leaseAt(0))));
    expect(leases).toMatchObject([{ _id: id, tries: 1, state: 'scheduled' }]);
  });

  it('leases a stuck delivery again to one of many callers', async () => {
    const { id } = await stuck();
    const caller = { id, companyId: 'company-1' };
    expect(await store.leaseAgain({ id, companyId: 'company-2' }, leaseAt(0))).toBeUndefined();
    const leases = defined(await times(10, () => store.leaseAgain(caller, leaseAt(0))));
    expect(leases).toMatchObject([{ _id: id, tries: 2, state: 'scheduled' }]);
  });
});

describe('lease of a delivery', () => {
  it('makes the delivery due again if it ends without a hand-over', async () => {
    const id = await added();
    await leased();
    expect(await store.leaseDue(leaseAt(59_000))).toBeUndefined();
    expect(await store.leaseDue(leaseAt(60_000))).toMatchObject({ _id: id, tries: 2 });
  });

  it('cannot hand over, and its result is ignored, after a later lease', async () => {
    const id = await added();
    const late = await leased();
    const second = await leased(60_000);
    expect(await store.handOver(late, now)).toBe(false);
    expect(await store.handOver(second, now)).toBe(true);
    await store.record(late, again(0));
    expect(await stateOf(id)).toBe('sending');
    await store.record(second, sent);
    await store.record(late, again(0));
    expect(await deliveries.findOne({ _id: id })).toMatchObject({ state: 'sent', event: null });
  });

  it('is granted only for deliveries that are due', async () => {
    const [first, second] = [await added(), await added()];
    await store.record(await leased(), again(2_000));
    await store.record(await leased(), again(1_000));
    expect(await store.leaseDue(leaseAt(999))).toBeUndefined();
    expect(new Set([(await leased(5_000))._id, (await leased(5_000))._id])).toEqual(new Set([first, second]));
    expect(await store.leaseDue(leaseAt(5_000))).toBeUndefined();
  });
});

describe('delivery whose process ended after the hand-over', () => {
  it('is never due again and is not marked as stuck before its time', async () => {
    const id = await added();
    await store.handOver(await leased(), now);
    expect(await store.leaseDue(leaseAt(86_400_000))).toBeUndefined();
    expect(await store.markStuck(now)).toEqual([]);
    expect(await stateOf(id)).toBe('sending');
  });

  it('is sent if a late success is recorded after it was marked as stuck', async () => {
    const { id, lease } = await stuck();
    await store.record(lease, sent);
    expect(await deliveries.findOne({ _id: id })).toMatchObject({ state: 'sent', event: null });
  });

  it('ignores a late result after an operator has sent it again', async () => {
    const { id, lease } = await stuck();
    await store.leaseAgain({ id, companyId: 'company-1' }, leaseAt(0));
    await store.record(lease, sent);
    expect(await stateOf(id)).toBe('scheduled');
  });

  it('is withdrawn instead of stuck if its person was erased during the send', async () => {
    const id = await added();
    await store.handOver(await leased(), now);
    await deliveries.updateOne({ _id: id }, { $set: { event: null } });
    expect(await store.markStuck(later(1))).toEqual([]);
    expect(await stateOf(id)).toBe('withdrawn');
  });
});

describe('failed delivery', () => {
  it.each([
    ['MAIL_REFUSED', true],
    ['EXPORT_EXPIRED', false],
  ] as const)('with the cause %s can be sent again: %s', async (cause, canBeSent) => {
    const id = await added();
    await store.record(await leased(), { ...sent, verdict: { state: 'failed', cause } });
    expect(await store.find(id)).toMatchObject({ state: 'failed', cause, next_attempt_at: null });
    const lease = await store.leaseAgain({ id, companyId: 'company-1' }, leaseAt(0));
    expect(lease !== undefined).toBe(canBeSent);
  });
});
