import { ExportError } from '@waybill/errors';
import { createMetrics, silentLogger } from '@waybill/observability';
import { sharedAddresses, startServer, uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createOutbox,
  ensureIndexes,
  openStore,
  outboxIndex,
  type OutboxDocument,
  type OutboxEntry,
} from './index.ts';

const database = uniqueName('outbox');
const store = openStore({ url: sharedAddresses().mongo.url, database, logger: silentLogger() });
const collection = store.db.collection<OutboxDocument>('documents');

function entry(id: string): OutboxEntry {
  const event = {
    job_id: 'j',
    company_id: 'c',
    attempt: 1,
    phase: 'resolving',
    written: 0,
    skipped: 0,
    total: 1,
    bytes: 0,
    at: 1,
    batches_lost: false,
  } as const;
  return {
    id,
    topic: 'export.progress',
    type: 'export.progress',
    key: 'j',
    company_id: 'c',
    attempt: 1,
    event,
    at: 1,
  };
}

async function put(id: string, events: readonly string[]): Promise<void> {
  await collection.insertOne({ _id: id, outbox: events.map(entry), outbox_pending: true });
}

function outboxOf(
  publish: (entry: OutboxEntry) => Promise<void>,
  owner = 'one',
  now: () => number = Date.now,
  metrics = createMetrics('test', { processMetrics: false }),
) {
  return createOutbox({
    collection,
    publish,
    owner,
    leaseMs: 1_000,
    everyMs: 20,
    logger: silentLogger(),
    metrics,
    now: () => new Date(now()),
  });
}

beforeAll(() => ensureIndexes(store.db, { documents: [outboxIndex] }));
afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

describe('the outbox', () => {
  it('the outbox publishes events in order and removes those that were acknowledged', async () => {
    await put('ordered', ['a', 'b', 'c']);
    const published: string[] = [];
    const outbox = outboxOf((event) => Promise.resolve(void published.push(event.id)));

    expect(await outbox.relay('ordered')).toBe(true);

    expect(published).toEqual(['a', 'b', 'c']);
    expect(await collection.findOne({ _id: 'ordered' })).toEqual({
      _id: 'ordered',
      outbox: [],
      outbox_pending: false,
    });
  });

  it('the outbox keeps events that the broker did not accept, and the sweep publishes them after the broker returns', async () => {
    await put('away', ['a', 'b']);
    let down = true;
    const published: string[] = [];
    const outbox = outboxOf((event) => {
      if (down && event.id === 'b') return Promise.reject(new Error('no broker'));
      return Promise.resolve(void published.push(event.id));
    });

    expect(await outbox.relay('away')).toBe(false);
    down = false;
    await outbox.sweep();

    expect(published).toEqual(['a', 'b']);
    expect(await collection.countDocuments({ outbox_pending: true })).toBe(0);
  });

  it('the outbox publishes a document that was stored with a lease, and the sweep skips it until the lease expires', async () => {
    let at = 1_000;
    const published: string[] = [];
    const publish = (event: OutboxEntry): Promise<void> => Promise.resolve(void published.push(event.id));
    const writer = outboxOf(publish, 'writer', () => at);
    const sweeper = outboxOf(publish, 'sweeper', () => at);
    const written = (id: string): OutboxDocument => ({
      _id: id,
      outbox: [entry(`event of ${id}`)],
      outbox_pending: true,
      outbox_lease: writer.lease(),
    });
    const [kept, lost] = [written('kept'), written('lost')];
    await collection.insertMany([kept, lost]);

    expect(await sweeper.sweep()).toBe(0);
    expect(await writer.relayWritten(kept)).toBe(true);
    expect(published).toEqual(['event of kept']);
    expect(await collection.findOne({ _id: 'kept' })).toEqual({
      _id: 'kept',
      outbox: [],
      outbox_pending: false,
    });

    // The writer of the other one died before it published.
    at += 1_000;
    expect(await sweeper.sweep()).toBe(1);
    expect(published).toEqual(['event of kept', 'event of lost']);
  });

  it('the sweep continues with other documents after an event that cannot be published, and tries that event again', async () => {
    await put('poison', ['broken']);
    await put('sound', ['a']);
    let at = 1_000;
    const tried: string[] = [];
    const publish = (event: OutboxEntry): Promise<void> => {
      tried.push(event.id);
      return event.id === 'broken' ? Promise.reject(new ExportError('EVENT_UNREADABLE')) : Promise.resolve();
    };
    const outbox = outboxOf(publish, 'one', () => at);

    expect(await outbox.sweep()).toBe(1);
    expect(tried.sort()).toEqual(['a', 'broken']);
    expect(await outbox.sweep()).toBe(0);
    expect(tried).toHaveLength(2);
    expect(await collection.findOne({ _id: 'poison' })).toMatchObject({
      outbox_fault: { event_id: 'broken', code: 'EVENT_UNREADABLE' },
    });
    at += 600_000;
    await outbox.sweep();
    expect(tried).toEqual(['a', 'broken', 'broken']);
    await collection.deleteOne({ _id: 'poison' });
  });

  it('the sweep goes on to other documents after one that the broker refuses', async () => {
    for (const id of ['refused', 'second', 'third']) await put(id, [`event of ${id}`]);
    const published: string[] = [];
    const publish = (event: OutboxEntry): Promise<void> =>
      event.id === 'event of refused'
        ? Promise.reject(new ExportError('SERVICE_UNAVAILABLE'))
        : Promise.resolve(void published.push(event.id));
    expect(await outboxOf(publish).sweep()).toBe(2);
    expect(published.sort()).toEqual(['event of second', 'event of third']);
    await collection.deleteOne({ _id: 'refused' });
  });

  it('the sweep ends a sweep after three failures in a row, and the next one tries other documents', async () => {
    const ids = ['one', 'two', 'three', 'four', 'five'];
    for (const id of ids) await put(id, [id]);
    const tried: string[] = [];
    const outbox = outboxOf((event) => {
      tried.push(event.id);
      return Promise.reject(new ExportError('SERVICE_UNAVAILABLE'));
    });
    await outbox.sweep();
    expect(tried).toHaveLength(3);
    await outbox.sweep();
    expect([...tried].sort()).toEqual([...ids].sort());
    await collection.deleteMany({ _id: { $in: ids } });
  });

  it('the sweep measures the pending documents, the oldest event and those that can never be published', async () => {
    for (const id of ['lasting', 'newer', 'broken']) await put(id, [id]);
    await collection.updateOne({ _id: 'newer' }, { $set: { 'outbox.0.at': 60_000 } });
    const metrics = createMetrics('test', { processMetrics: false });
    const publish = ({ id }: OutboxEntry): Promise<void> =>
      Promise.reject(new ExportError(id === 'broken' ? 'EVENT_UNREADABLE' : 'SERVICE_UNAVAILABLE'));
    const outbox = outboxOf(publish, 'one', () => 90_001, metrics);
    await outbox.sweep();
    const labels = '{collection="documents",service="test"}';
    const text = () => metrics.registry.metrics();
    expect(await text()).toContain(`waybill_outbox_pending_documents${labels} 3`);
    expect(await text()).toContain(`waybill_outbox_oldest_seconds${labels} 90`);
    expect(await text()).toContain(`waybill_outbox_unpublishable_documents${labels} 1`);
    await collection.deleteMany({ _id: { $in: ['lasting', 'newer', 'broken'] } });
    await outbox.sweep();
    expect(await text()).toContain(`waybill_outbox_pending_documents${labels} 0`);
    expect(await text()).toContain(`waybill_outbox_oldest_seconds${labels} 0`);
  });

  it('the sweep publishes an event once if two processes sweep at the same time', async () => {
    for (let index = 0; index < 20; index += 1) await put(`shared-${index}`, [`event-${index}`]);
    const published: string[] = [];
    const publish = (event: OutboxEntry): Promise<void> => Promise.resolve(void published.push(event.id));

    await Promise.all([outboxOf(publish, 'one').sweep(), outboxOf(publish, 'two').sweep()]);

    expect([...published].sort()).toEqual([...new Set(published)].sort());
    expect(published).toHaveLength(20);
  });

  it('the sweep publishes an event again, with the same id, if a stopped process may have published it', async () => {
    await put('crashed', ['a']);
    await collection.updateOne(
      { _id: 'crashed' },
      { $set: { outbox_lease: { owner: 'dead', until: 5_000 } } },
    );
    const published: string[] = [];
    const publish = (event: OutboxEntry): Promise<void> => Promise.resolve(void published.push(event.id));

    expect(await outboxOf(publish, 'one', () => 4_999).relay('crashed')).toBe(false);
    expect(published).toEqual([]);
    expect(await outboxOf(publish, 'one', () => 5_000).relay('crashed')).toBe(true);
    expect(published).toEqual(['a']);
  });

  it('the outbox keeps an event that was added while another was published', async () => {
    await put('growing', ['a']);
    const outbox = outboxOf(async (event) => {
      if (event.id === 'a') await collection.updateOne({ _id: 'growing' }, { $push: { outbox: entry('b') } });
    });

    await outbox.relay('growing');
    expect((await collection.findOne({ _id: 'growing' }))?.outbox_pending).toBe(true);
    await outbox.sweep();
    expect((await collection.findOne({ _id: 'growing' }))?.outbox).toEqual([]);
  });

  it('the outbox returns the bytes of an event as a Buffer', async () => {
    const sealed = {
      key_id: 'k',
      wrapped_key: Buffer.from([1]),
      nonce: Buffer.from([2]),
      ciphertext: Buffer.from([3]),
    };
    const event = {
      company_id: 'c',
      job_id: null,
      name: 'cdp_export_downloaded',
      user_id: null,
      at: 1,
      attributes: {},
      personal: sealed,
    } as const;
    await collection.insertOne({
      _id: 'bytes',
      outbox: [{ ...entry('a'), topic: 'export.activity', event }],
      outbox_pending: true,
    });
    const seen: OutboxEntry[] = [];
    await outboxOf((published) => Promise.resolve(void seen.push(published))).relay('bytes');
    expect(seen[0]?.event).toEqual(event);
  });
});

describe('a MongoDB that is unavailable', () => {
  it('an operation fails within seconds with SERVICE_UNAVAILABLE, and succeeds after MongoDB returns', async () => {
    await using mongo = await startServer('mongo');
    const lonely = openStore({ url: mongo.addresses.mongo.url, database, logger: silentLogger() });
    await lonely.ping();
    await mongo.stop('hard');
    await expect(lonely.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    await mongo.start();
    await lonely.ping();
    await lonely.close();
  });
});
