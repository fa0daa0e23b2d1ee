import { createTombstones } from '@waybill/erasure';
import { openStore } from '@waybill/mongo';
import { createMetrics, silentLogger } from '@waybill/observability';
import { createSweeper } from '@waybill/service';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAuditStore } from './downloads/audit-store.ts';
import { createEntryStore } from './entries/entry-store.ts';
import { createRegistrationStore } from './registration/registration-store.ts';
import { sweep } from './sweeper.ts';
import { Harness } from './testing/harness.ts';

const dayMs = 86_400_000;
const leases = openStore({
  url: sharedAddresses().mongo.url,
  database: uniqueName('lease'),
  logger: silentLogger(),
});
let harness: Harness;
let caughtUp = 0;

beforeAll(async () => {
  harness = await Harness.open();
  await harness.start();
});
beforeEach(async () => {
  const { entries, downloads, registrations, erasures } = harness.collections;
  await entries.deleteMany({});
  await downloads.deleteMany({});
  await registrations.deleteMany({});
  await erasures.deleteMany({});
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await leases.db.dropDatabase();
  await leases.close();
});

/** Sweeps as the service would at that instant. The running service uses the real clock and removes nothing. */
async function sweepAt(now: number): Promise<void> {
  const { entries, downloads, registrations, erasures } = harness.collections;
  const deps = {
    entries: createEntryStore(entries),
    audit: createAuditStore(downloads),
    registrations: createRegistrationStore(registrations),
    erasures: createTombstones(erasures),
    registration: {
      register: () => Promise.resolve(),
      catchUp: () => {
        caughtUp += 1;
        return Promise.resolve();
      },
    },
    logger: silentLogger(),
  };
  const sweeper = createSweeper({
    sweep: (run) => sweep(deps, run),
    // Another database, since the running service has the lease in its own.
    db: leases.db,
    everyMs: 60_000,
    metrics: createMetrics('test', { processMetrics: false }),
    logger: deps.logger,
    now: () => new Date(now),
  });
  await sweeper.sweepOnce();
  await sweeper.stop();
}

/** Creates an entry with its registration and one download, all published. */
async function downloaded() {
  const { entries, downloads, registrations } = harness.collections;
  const ani = await harness.person();
  const event = await harness.exported(ani);
  await harness.register(event);
  expect((await harness.request(`/${event.job_id}/download`, ani)).status).toBe(302);
  const published = async () => {
    const pending = { job_id: event.job_id, outbox_pending: true };
    const left = (await downloads.countDocuments(pending)) + (await registrations.countDocuments(pending));
    return left === 0 && (await registrations.findOne({ job_id: event.job_id, state: 'registered' }));
  };
  const registration = await waitFor(published, { limitMs: 20_000, what: 'the outboxes to empty' });
  const entry = await entries.findOne({ _id: event.job_id });
  const click = await downloads.findOne({ job_id: event.job_id });
  if (entry === null || click === null) throw new Error('nothing was stored');
  return { event, registration, click };
}

const left = async () => {
  const { entries, downloads, registrations } = harness.collections;
  return {
    entries: await entries.countDocuments(),
    downloads: await downloads.countDocuments(),
    registrations: await registrations.countDocuments(),
  };
};

describe('sweep', () => {
  it('removes a download 90 days after the click, an entry 100 days after its end and a registration after 120 days', async () => {
    const { event, registration, click } = await downloaded();
    await sweepAt(click.at.getTime() + 90 * dayMs);
    expect(await left()).toEqual({ entries: 1, downloads: 1, registrations: 1 });
    await sweepAt(click.at.getTime() + 90 * dayMs + 1);
    expect(await left()).toEqual({ entries: 1, downloads: 0, registrations: 1 });
    await sweepAt(event.completed_at + 100 * dayMs);
    expect(await left()).toEqual({ entries: 1, downloads: 0, registrations: 1 });
    await sweepAt(event.completed_at + 100 * dayMs + 1);
    expect(await left()).toEqual({ entries: 0, downloads: 0, registrations: 1 });
    await sweepAt(registration.at.getTime() + 120 * dayMs);
    expect(await left()).toEqual({ entries: 0, downloads: 0, registrations: 1 });
    await sweepAt(registration.at.getTime() + 120 * dayMs + 1);
    expect(await left()).toEqual({ entries: 0, downloads: 0, registrations: 0 });
  });

  it('keeps a download and a registration whose product event is not published yet', async () => {
    const { click, registration } = await downloaded();
    await harness.stop();
    const pending = { $set: { outbox_pending: true } };
    await harness.collections.downloads.updateOne({ _id: click._id }, pending);
    await harness.collections.registrations.updateOne({ _id: registration._id }, pending);
    await sweepAt(registration.at.getTime() + 130 * dayMs);
    expect(await left()).toEqual({ entries: 0, downloads: 1, registrations: 1 });
    await harness.start();
  });

  it('removes a tombstone 120 days after the erasure', async () => {
    const erasedAt = Date.now();
    const asked = { companyId: 'company-1', userId: 'user-1', requestedAt: erasedAt };
    const erasures = createTombstones(harness.collections.erasures);
    await erasures.add(asked, new Date(erasedAt));
    await sweepAt(erasedAt + 120 * dayMs);
    expect(await erasures.coverOf(asked)).toBe('person');
    await sweepAt(erasedAt + 120 * dayMs + 1);
    expect(await erasures.coverOf(asked)).toBeUndefined();
  });

  it('offers the other system the pending registrations', async () => {
    const before = caughtUp;
    await sweepAt(Date.now());
    expect(caughtUp).toBe(before + 1);
  });
});
