import { randomBytes, randomUUID } from 'node:crypto';
import { createCancelFlags } from '@waybill/redis';
import { createContactSource, createPermissions } from '@waybill/contacts';
import { seedCompany } from '@waybill/fixtures';
import { createDataKey, createOpener, keyEncryptionFromSettings, sealPersonal } from '@waybill/crypto';
import { erasedId } from '@waybill/erasure';
import { ExportError } from '@waybill/errors';
import type { EventMessage, EventProducer, HandlerContext, OutgoingEvent } from '@waybill/kafka';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { ExportBatch, ExportRequested } from '@waybill/schemas';
import { ensureIndexes, openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { companyId, jobId, organizationId, userId } from '@waybill/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDeadLetterHandler, createHandler, type HandlerDeps } from './handler.ts';
import { resolverIndexes } from './indexes.ts';
import { createResolverMetrics } from './metrics.ts';
import { collectionsOf, createResolutionStore } from './resolution-store.ts';

const dayMs = 86_400_000;
const logger = silentLogger();
const { mongo, redis } = sharedAddresses();
const store = openStore({ url: mongo.url, database: uniqueName('resolver'), logger });
const crm = openStore({ url: mongo.url, database: uniqueName('crm'), logger });
const cancel = createCancelFlags({ url: redis.url, logger });
const collections = collectionsOf(store);
const keys = keyEncryptionFromSettings({
  KEY_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  KEY_ENCRYPTION_KEY_ID: 'k1',
});
const company = companyId(uniqueName('acme'));
const rina = userId('rina');

beforeAll(async () => {
  await ensureIndexes(store.db, resolverIndexes);
  const user = {
    userId: rina,
    email: 'rina@example.test',
    name: 'Rina',
    locale: 'en',
    permissions: ['contacts.export'],
  } as const;
  await seedCompany(crm.db, {
    companyId: company,
    organizationId: organizationId('org'),
    contacts: 300,
    user,
  });
});
afterAll(async () => {
  cancel.close();
  for (const one of [store, crm]) {
    await one.db.dropDatabase();
    await one.close();
  }
});

/** Runs before the broker acknowledges a message. Throws if it does not acknowledge it. */
type Acknowledge = (batch: ExportBatch) => Promise<void>;

/** Creates the handler on real servers, with a producer whose acknowledgements the test controls. */
function handlerWith(acknowledge: Acknowledge, now = Date.now, onForward = () => Promise.resolve()) {
  const sent: string[] = [];
  const partitions: (number | undefined)[] = [];
  const forwarded: OutgoingEvent<unknown>[] = [];
  const producer: EventProducer = {
    send: async (topic, message) => {
      if (topic === 'export.requested') {
        forwarded.push(message);
        await onForward();
      }
      if (topic !== 'export.batches') return;
      // The topic determines the type of the event.
      const batch = message.event as ExportBatch;
      sent.push(`${batch.kind} ${batch.number}`);
      partitions.push(message.partition);
      await acknowledge(batch);
    },
    stop: () => Promise.resolve(),
  };
  const deps: HandlerDeps = {
    store: createResolutionStore(collections, () => new Date(now())),
    contacts: createContactSource(crm.db),
    permissions: createPermissions(crm.db),
    cancel,
    producer,
    keys,
    opener: createOpener(keys),
    packing: {
      batchSize: { targetBytes: 1_000_000, maximumBytes: 2_000_000, maximumPositions: 50 },
      readSize: { minimum: 100, maximum: 500, bytes: 500_000 },
      concurrency: 2,
    },
    pageIds: 1_000,
    maximumBatchBytes: 10_000_000,
    recordTtlMs: 22 * dayMs,
    deadlineMs: dayMs,
    metrics: createResolverMetrics(createMetrics('test', { processMetrics: false })),
    now: () => new Date(now()),
    reached: () => undefined,
  };
  const handle = createHandler(deps);
  return { handle, deadLetter: createDeadLetterHandler(deps), sent, partitions, forwarded };
}

const context: HandlerContext = {
  signal: new AbortController().signal,
  heartbeat: () => Promise.resolve(),
  logger,
  highWatermark: 1n,
};

async function request(at = Date.now()): Promise<EventMessage<ExportRequested, 'export.requested'>> {
  const id = randomUUID();
  const sealed = sealPersonal(
    await createDataKey(keys),
    { email: 'rina@example.test' },
    {
      companyId: company,
      userId: rina,
    },
  );
  const event: ExportRequested = {
    job_id: id,
    company_id: company,
    attempt: 1,
    ids: [],
    excluded_ids: [],
    created_from: null,
    created_before: null,
    cap: 1_000,
    repeat: null,
    spec: {
      organization_id: 'org',
      user_id: rina,
      region: 'id',
      locale: 'en',
      requested_at: at,
      lane: 'standard',
      selection_mode: 'all',
      period: null,
      start_date: null,
      end_date: null,
      sources: [],
      excluded_count: 0,
      layout_id: 'default',
      layout_name: 'Default view',
      fields: ['id', 'first_name'],
      format: 'csv',
      csv: { delimiter: ',', bom: false, decimal_comma: false },
      xlsx: null,
      timezone: 'Asia/Jakarta',
      personal: sealed,
    },
  };
  const place = { topic: 'export.requested', partition: 0, offset: 0n, key: id } as const;
  return { ...place, id, type: 'export.requested', companyId: company, attempt: 1, tries: 1, at, event };
}

const stream = ['plan 0', 'rows 1', 'rows 2', 'rows 3', 'rows 4', 'rows 5', 'rows 6', 'end 7'];

describe('the resolver handler', () => {
  it('produces batches one at a time: never two without their acknowledgement', async () => {
    let waiting = 0;
    let most = 0;
    const { handle, sent } = handlerWith(async () => {
      waiting += 1;
      most = Math.max(most, waiting);
      // Takes longer than reading, sealing and storing the next batch: several round trips to MongoDB.
      for (let times = 0; times < 10; times += 1) await store.ping();
      waiting -= 1;
    });
    expect(await handle(await request(), context)).toEqual({ kind: 'done' });
    expect(sent).toEqual(stream);
    expect(most).toBe(1);
  });

  it('stops at a batch that is not acknowledged, and resumes with it when the request is retried', async () => {
    let down = true;
    const { handle, sent } = handlerWith(async ({ number }) => {
      for (let times = 0; times < 10; times += 1) await store.ping();
      if (down && number === 3) throw new ExportError('SERVICE_UNAVAILABLE');
    });
    const message = await request();
    expect(await handle(message, context)).toMatchObject({ kind: 'retry' });
    expect(sent).toEqual(stream.slice(0, 4));
    down = false;
    expect(await handle(message, context)).toEqual({ kind: 'done' });
    expect(sent.slice(4)).toEqual(stream.slice(3));
  });

  it('stops when the flag of its attempt is raised, by intake or by a render that has failed the job', async () => {
    const message = await request();
    const { handle, sent } = handlerWith(async ({ number }) => {
      if (number === 2) await cancel.raise(jobId(message.key), 1);
    });
    expect(await handle(message, context)).toEqual({ kind: 'done' });
    expect(sent).toEqual(['plan 0', 'rows 1', 'rows 2', 'end 3']);
    const stored = await collections.resolutions.findOne({ _id: jobId(message.key) });
    expect(stored?.end?.outcome).toBe('cancelled');
  });

  it('does not stop by the flag of an older attempt', async () => {
    const { handle, sent } = handlerWith(() => Promise.resolve());
    const message = await request();
    await cancel.raise(jobId(message.key), 1);
    const second = { ...message, attempt: 2, event: { ...message.event, attempt: 2 } };
    expect(await handle(second, context)).toEqual({ kind: 'done' });
    expect(sent).toEqual(stream);
  });

  it('skips a request older than 22 days: its resolution may be removed, and it would be resolved again', async () => {
    const { handle, sent } = handlerWith(() => Promise.resolve());
    const message = await request(Date.now() - 22 * dayMs - 1_000);
    expect(await handle(message, context)).toMatchObject({ kind: 'skip' });
    expect(sent).toEqual([]);
    expect(await collections.resolutions.findOne({ _id: jobId(message.key) })).toBeNull();
  });

  it('resolves a request slightly younger than 22 days', async () => {
    const { handle, sent } = handlerWith(() => Promise.resolve());
    expect(await handle(await request(Date.now() - 22 * dayMs + 60_000), context)).toEqual({ kind: 'done' });
    expect(sent).toEqual(stream);
  });
});

describe('a request that is published again', () => {
  const repeated = (
    message: Awaited<ReturnType<typeof request>>,
    action: 'answer' | 'resolve' | 'fail',
    count: number,
  ) => ({
    ...message,
    event: { ...message.event, repeat: { count, action, since: Date.now() - 7_200_000 } },
  });

  /** Resolves a request, and returns what the handler sends for it from then on. */
  async function resolved() {
    const batches: ExportBatch[] = [];
    const { handle } = handlerWith((batch) => Promise.resolve(void batches.push(batch)));
    const message = await request();
    await handle(message, context);
    const first = batches.splice(0);
    return { handle: (event: typeof message) => handle(event, context), message, first, batches };
  }

  it('is answered with the end, which asks render for export.completed', async () => {
    const { handle, message, first, batches } = await resolved();
    expect(await handle(repeated(message, 'answer', 1))).toEqual({ kind: 'done' });
    expect(first.map((batch) => batch.repeated)).not.toContain(true);
    expect(batches).toEqual([{ ...first.at(-1), repeated: true }]);
  });

  it('produces the batches again as a new stream, once for each repeat', async () => {
    const { handle, message, first, batches } = await resolved();
    await handle(repeated(message, 'resolve', 2));
    expect(batches.map(({ kind, number, stream }) => ({ kind, number, stream }))).toEqual(
      first.map(({ kind, number }) => ({ kind, number, stream: 2 })),
    );
    expect(batches.filter((batch) => batch.repeated).map(({ kind }) => kind)).toEqual(['plan', 'end']);
    batches.splice(0);
    await handle(repeated(message, 'resolve', 2));
    expect(batches.map(({ kind }) => kind)).toEqual(['end']);
  });

  it('ends a resolved job as failed when intake gives it up', async () => {
    const { handle, message, batches } = await resolved();
    await handle(repeated(message, 'fail', 8));
    expect(batches).toMatchObject([
      {
        kind: 'end',
        repeated: true,
        end: { outcome: 'failed', failure: { code: 'EXPORT_STALLED', params: { minutes: '120' } } },
      },
    ]);
  });

  it('ends an unknown job as failed without resolving it when intake gives it up', async () => {
    const { handle, sent } = handlerWith(() => Promise.resolve());
    await handle(repeated(await request(), 'fail', 8), context);
    expect(sent).toEqual(['end 0']);
  });

  it('cancels the job of an erased selection instead of resolving it again', async () => {
    const { handle, message, batches } = await resolved();
    const erased = { user_id: erasedId, company_id: erasedId, chunks: [], columns: null };
    await collections.resolutions.updateOne({ _id: jobId(message.key) }, { $set: erased });
    await handle(repeated(message, 'resolve', 1));
    expect(batches).toMatchObject([{ kind: 'end', company_id: company, end: { outcome: 'cancelled' } }]);
  });
});

describe('a request whose batches the broker does not take', () => {
  it('waits until its deadline, and then until the end of the failed job is acknowledged', async () => {
    const message = await request();
    let at = message.at;
    let away = true;
    const { handle, sent } = handlerWith(
      () => (away ? Promise.reject(new ExportError('SERVICE_UNAVAILABLE')) : Promise.resolve()),
      () => at,
    );
    const stored = () => collections.resolutions.findOne({ _id: jobId(message.key) });
    at += dayMs - 1;
    expect(await handle(message, context)).toMatchObject({ kind: 'retry', cause: { retryable: true } });
    expect((await stored())?.end).toBeNull();
    at += 1;
    expect(await handle(message, context)).toMatchObject({ kind: 'retry', cause: { retryable: true } });
    away = false;
    expect(await handle(message, context)).toEqual({ kind: 'done' });
    expect(sent.at(-1)).toBe('end 1');
    expect(await stored()).toMatchObject({
      state: 'closed',
      end: { outcome: 'failed', failure: { code: 'EXPORT_FAILED' } },
    });
  });
});

describe('the partition of a job', () => {
  const moved = (message: Awaited<ReturnType<typeof request>>, partition: number) => ({
    ...message,
    partition,
    event: { ...message.event, repeat: { count: 2, action: 'resolve', since: 0 } as const },
  });

  it('is that of its first request, for every message of the stream', async () => {
    const { handle, sent, partitions } = handlerWith(() => Promise.resolve());
    await handle({ ...(await request()), partition: 4 }, context);
    expect(partitions).toEqual(sent.map(() => 4));
  });

  it('gets a request that arrives on another one, unchanged, instead of two processes that claim the job', async () => {
    const { handle, sent, partitions, forwarded } = handlerWith(() => Promise.resolve());
    const message = { ...(await request()), partition: 4 };
    await handle(message, context);
    const again = moved(message, 9);
    expect(await handle(again, context)).toEqual({ kind: 'done' });
    expect(sent).toEqual(stream);
    const { key, id, type, companyId: owner, attempt, at, event } = again;
    expect(forwarded).toEqual([{ key, partition: 4, id, type, companyId: owner, attempt, at, event }]);

    expect(await handle(moved(message, 4), context)).toEqual({ kind: 'done' });
    expect(sent).toEqual([...stream, ...stream]);
    expect(new Set(partitions)).toEqual(new Set([4]));
  });

  it('keeps a request in the log until it is forwarded', async () => {
    const { handle } = handlerWith(() => Promise.resolve());
    const message = await request();
    await handle(message, context);
    const { handle: handleWithoutBroker } = handlerWith(
      () => Promise.resolve(),
      Date.now,
      () => Promise.reject(new ExportError('SERVICE_UNAVAILABLE')),
    );
    expect(await handleWithoutBroker(moved(message, 9), context)).toMatchObject({ kind: 'retry' });
  });

  it('gets the end of a job whose request was dead-lettered on another one', async () => {
    const { handle, deadLetter, sent, partitions } = handlerWith(() => Promise.resolve());
    const first = { ...(await request()), partition: 4 };
    await handle(first, context);
    const { topic, key, event, offset } = first;
    const second = { topic, key, offset, partition: 9, headers: {}, event: { ...event, attempt: 2 } };
    await deadLetter(second, new ExportError('EVENT_UNREADABLE'));
    expect(sent).toEqual([...stream, 'end 0']);
    expect(partitions.at(-1)).toBe(4);
  });
});
