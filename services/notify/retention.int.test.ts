import { createTombstones } from '@waybill/erasure';
import { createMetrics, silentLogger } from '@waybill/observability';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { createSweeper } from '@waybill/service';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeliveryStore } from './delivery/delivery-store.ts';
import { endedExport } from './ended-export.ts';
import { createNotificationStore } from './inbox/notification-store.ts';
import { notificationOf } from './inbox/notification.ts';
import { collectionsOf, notifyIndexes } from './indexes.ts';
import { sweep } from './retention.ts';
import { completedAt, succeeded } from '@waybill/fixtures';

const dayMs = 86_400_000;
const logger = silentLogger();
const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('sweep'), logger });
const collections = collectionsOf(store);
const notifications = createNotificationStore(collections.notifications);
const deliveries = createDeliveryStore(collections.deliveries);
const erasures = createTombstones(collections.erasures);
let pendingDispatches = 0;

beforeAll(() => ensureIndexes(store.db, notifyIndexes));
beforeEach(async () => {
  await collections.notifications.deleteMany({});
  await collections.deliveries.deleteMany({});
  await collections.erasures.deleteMany({});
});
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

/** Sweeps at `completedAt` plus that time. */
async function sweepAfter(ms: number): Promise<void> {
  const deps = {
    deliveries,
    notifications,
    erasures,
    dispatcher: {
      initialPublication: 'off' as const,
      dispatch: () => Promise.resolve(),
      dispatchPending: () => {
        pendingDispatches += 1;
        return Promise.resolve();
      },
    },
    stuckAfterMs: dayMs,
    logger,
  };
  const sweeper = createSweeper({
    sweep: (run) => sweep(deps, run),
    db: store.db,
    everyMs: 60_000,
    metrics: createMetrics('test', { processMetrics: false }),
    logger,
    now: () => new Date(completedAt + ms),
  });
  await sweeper.sweepOnce();
  await sweeper.stop();
}

/** Stores the delivery of a process that ended after it handed the message over, at `completedAt`. */
async function handedOver(id: string): Promise<void> {
  const now = new Date(completedAt);
  const delivery = { id, template: 'export_succeeded', event: succeeded(), traceparent: undefined } as const;
  await deliveries.add(delivery, now);
  const lease = await deliveries.leaseDue({ now, until: now });
  if (lease === undefined) throw new Error('the delivery is not due');
  await deliveries.handOver(lease, now);
}

describe('sweep', () => {
  it('removes a notification 100 days after the export ended', async () => {
    const ended = endedExport(succeeded());
    if (ended === undefined) throw new Error('the event has no spec');
    await notifications.put(notificationOf(ended), {
      read_at: null,
      publication: 'pending',
      stored_at: new Date(completedAt),
    });
    await sweepAfter(100 * dayMs);
    expect(await collections.notifications.countDocuments()).toBe(1);
    await sweepAfter(100 * dayMs + 1);
    expect(await collections.notifications.countDocuments()).toBe(0);
  });

  it('removes a delivery 120 days after it was stored', async () => {
    await handedOver('d1');
    await sweepAfter(120 * dayMs);
    expect((await deliveries.find('d1'))?.state).toBe('stuck');
    await sweepAfter(120 * dayMs + 1);
    expect(await deliveries.find('d1')).toBeUndefined();
  });

  it('keeps a delivery whose product event was not published yet', async () => {
    await handedOver('d2');
    await collections.deliveries.updateOne({ _id: 'd2' }, { $set: { outbox_pending: true } });
    await sweepAfter(130 * dayMs);
    expect((await deliveries.find('d2'))?.state).toBe('stuck');
  });

  it('removes a tombstone 120 days after the erasure', async () => {
    const erased = { companyId: 'company-1', userId: 'user-1', requestedAt: completedAt };
    await erasures.add(erased, new Date(completedAt));
    await sweepAfter(120 * dayMs);
    expect(await erasures.coverOf(erased)).toBe('person');
    await sweepAfter(120 * dayMs + 1);
    expect(await erasures.coverOf(erased)).toBeUndefined();
  });

  it('dispatches pending notifications', async () => {
    const before = pendingDispatches;
    await sweepAfter(0);
    expect(pendingDispatches).toBe(before + 1);
  });
});
