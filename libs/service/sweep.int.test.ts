import { setTimeout as delay } from 'node:timers/promises';
import { openStore } from '@waybill/mongo';
import { createLogger, createMetrics, type Metrics } from '@waybill/observability';
import { sharedAddresses, startServer, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createSweeper, UnsafeSweep, type Sweeper, type SweeperOptions, type SweepRun } from './index.ts';

const log: string[] = [];
const logger = createLogger({
  service: 'test',
  level: 'info',
  destination: { write: (line) => void log.push(line) },
});
const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('sweep'), logger });
let metrics: Metrics;

beforeEach(async () => {
  log.length = 0;
  metrics = createMetrics('test', { processMetrics: false });
  await store.db.collection('leases').deleteMany({});
});

afterAll(async () => {
  await store.db.dropDatabase();
  await store.close();
});

function sweeperOf<T>(
  sweep: (run: SweepRun) => Promise<T>,
  change: Partial<SweeperOptions<T>> = {},
): Sweeper<T> {
  const now = () => new Date();
  return createSweeper({ sweep, db: store.db, everyMs: 60_000, metrics, logger, now, ...change });
}

/** Returns the lines of a metric without its help. */
async function metric(name: string): Promise<string> {
  return metrics.registry.getSingleMetricAsString(name);
}

/** A step that does not end by itself, as with a server that hangs. */
function hanging(): { readonly sweep: () => Promise<void>; readonly started: Promise<void> } {
  const started = Promise.withResolvers<undefined>();
  return {
    started: started.promise,
    sweep: () => {
      started.resolve(undefined);
      return new Promise<void>(() => undefined);
    },
  };
}

describe('a sweep', () => {
  it('continues after an item and a step that failed, and counts both', async () => {
    const swept = await sweeperOf(async ({ step }) => ({
      files: await step('files', (each) =>
        each([1, 2, 3], (file) =>
          file === 2 ? Promise.reject(new Error('refused')) : Promise.resolve(true),
        ),
      ),
      uploads: await step('uploads', () => Promise.reject(new Error('away'))),
      records: await step('records', () => Promise.resolve(4)),
    })).sweepOnce();
    expect(swept).toEqual({ files: 2, uploads: 0, records: 4 });
    expect(await metric('waybill_sweep_failures_total')).toContain('{what="files",service="test"} 1');
    expect(await metric('waybill_sweep_failures_total')).toContain('{what="uploads",service="test"} 1');
    expect(await metric('waybill_sweep_items_total')).toContain('{what="files",service="test"} 2');
    expect(await metric('waybill_sweep_seconds')).toContain(
      'waybill_sweep_seconds_count{service="test",outcome="done"} 1',
    );
  });

  it('stops at a step that is not safe, with an error in the log and a metric', async () => {
    let later = false;
    const swept = await sweeperOf(async ({ step }) => {
      await step('look', () => Promise.reject(new UnsafeSweep('jobs are unknown', { unknown: 3 })));
      later = true;
    }).sweepOnce();
    expect([swept, later]).toEqual([undefined, false]);
    const line: unknown = JSON.parse(log.at(-1) ?? '');
    expect(line).toMatchObject({ level: 'error', message: 'sweep stopped', unknown: 3 });
    expect(await metric('waybill_sweep_stops_total')).toContain('{service="test"} 1');
    expect(await metric('waybill_sweep_seconds')).toContain('outcome="unsafe"');
  });

  it('runs in one of several processes at a time, and in the next one when that stops', async () => {
    let running = 0;
    let most = 0;
    const sweep = async ({ signal }: SweepRun): Promise<string> => {
      running += 1;
      most = Math.max(most, running);
      await delay(20, undefined, { signal });
      running -= 1;
      return 'swept';
    };
    const sweepers = Array.from({ length: 3 }, () => sweeperOf(sweep));
    const first = await Promise.all(sweepers.map((sweeper) => sweeper.sweepOnce()));
    expect(first.filter((swept) => swept === 'swept')).toHaveLength(1);
    await sweepers[first.indexOf('swept')]?.stop();
    const second = await Promise.all(sweepers.map((sweeper) => sweeper.sweepOnce()));
    expect(second.filter((swept) => swept === 'swept')).toHaveLength(1);
    expect(second.indexOf('swept')).not.toBe(first.indexOf('swept'));
    expect(most).toBe(1);
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
  });

  it('ends between two items when the service stops, and releases its lease', async () => {
    const removed: number[] = [];
    const sweeper = sweeperOf(({ step }) =>
      step('files', (each) =>
        each([1, 2, 3], async (file) => {
          removed.push(file);
          if (file === 1) void sweeper.stop();
          await delay(1);
          return true;
        }),
      ),
    );
    expect(await sweeper.sweepOnce()).toBeUndefined();
    expect(removed).toEqual([1]);
    expect(log.join('\n')).toContain('sweep aborted');
    const lease = () => store.db.collection('leases').countDocuments({});
    await waitFor(async () => (await lease()) === 0, { limitMs: 10_000, what: 'the lease to end' });
  });

  it('ends when it has taken too long, and the next one runs as usual', async () => {
    const slow = sweeperOf(({ step, signal }) => step('files', () => delay(60_000, 1, { signal })), {
      limitMs: 20,
    });
    expect(await slow.sweepOnce()).toBeUndefined();
    expect(await metric('waybill_sweep_seconds')).toContain('outcome="aborted"');
    expect(await slow.sweepOnce()).toBeUndefined();
    await slow.stop();
  });

  it('ends when another process has taken its lease', async () => {
    const sweeper = sweeperOf(({ step, signal }) => step('files', () => delay(60_000, 1, { signal })), {
      everyMs: 10,
    });
    const sweeping = sweeper.sweepOnce();
    const leases = store.db.collection('leases');
    await waitFor(async () => (await leases.countDocuments({})) === 1, {
      limitMs: 10_000,
      what: 'the lease',
    });
    const taken = { owner: 'another', until: new Date(Date.now() + 60_000) };
    await leases.updateOne({}, { $set: taken });
    expect(await sweeping).toBeUndefined();
    expect(log.join('\n')).toContain('another process has the lease');
    await sweeper.stop();
  });
});

describe('the stop of a sweeper', () => {
  it('does not wait for a step that hangs and for MongoDB that hangs', async () => {
    await using mongo = await startServer('mongo');
    const own = openStore({ url: mongo.addresses.mongo.url, database: 'sweep', logger });
    const { sweep, started } = hanging();
    const sweeper = sweeperOf(sweep, { db: own.db });
    sweeper.start();
    await started;
    await mongo.signal('SIGSTOP');
    const before = performance.now();
    await sweeper.stop();
    expect(performance.now() - before).toBeLessThan(20_000);
    await mongo.signal('SIGCONT');
    await own.close();
  });
});
