import { setTimeout as delay } from 'node:timers/promises';
import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstallation, type Installation } from './testing/installation.ts';
import { expectOneFile } from './testing/one-file.ts';
import { startProcess } from './testing/service-process.ts';

/** Dedicated servers, stopped while a job runs. */

let installation: Installation;

beforeAll(async () => {
  installation = await openInstallation();
  await installation.seed('outage', 20_000);
});

afterAll(async () => {
  await installation[Symbol.asyncDispose]();
});

describe('an outage of the object storage', () => {
  it('restarts the file of a job, which succeeds when the storage is back', async () => {
    await using s3 = await startServer('s3');
    const storage = createStorage({ ...s3.addresses.s3, logger: silentLogger() });
    await storage.ensureBucket(installation.bucket);
    await using resolver = await startProcess('resolver', installation);
    await using render = await startProcess('render', installation, {
      settings: {
        S3_ENDPOINT: s3.addresses.s3.endpoint,
        S3_ACCESS_KEY_ID: s3.addresses.s3.accessKeyId,
        S3_SECRET_ACCESS_KEY: s3.addresses.s3.secretAccessKey,
        UPLOAD_PART_BYTES: '5242880',
      },
    });
    await s3.stop('hard');
    const job = await installation.request({ company: 'outage' });
    const jobs = installation.database('render').collection<{ _id: string; epoch: number }>('jobs');
    await waitFor(async () => ((await jobs.findOne({ _id: job }))?.epoch ?? 0) >= 2, {
      limitMs: 60_000,
      what: 'the file to be started again',
    });
    await s3.start();

    const ended = await installation.events.ended(job, { limitMs: 90_000 });
    expect(ended).toMatchObject({ outcome: 'SUCCEEDED', receipt: { matched: 20_000, written: 20_000 } });
    expect(await storage.head(ended.file ?? { bucket: '', key: '' })).toMatchObject({
      bytes: ended.receipt?.bytes,
    });
    storage.close();
    expect(render.pid).not.toBe(resolver.pid);
  }, 180_000);
});

describe('an outage of Redis', () => {
  it('does not affect an export', async () => {
    await using redis = await startServer('redis');
    const settings = { REDIS_URL: redis.addresses.redis.url };
    await using resolver = await startProcess('resolver', installation, { settings });
    await using render = await startProcess('render', installation, { settings });
    await redis.stop('hard');
    const ended = await installation.events.ended(await installation.request({ company: 'outage' }));
    expect(ended.outcome).toBe('SUCCEEDED');
    expect(render.pid).not.toBe(resolver.pid);
  }, 120_000);
});

describe('MongoDB that goes away while jobs run', () => {
  const contacts = 4_000;
  let mongo: DedicatedServer<'mongo'>;
  let own: Installation;

  beforeAll(async () => {
    // The other backend keeps its data in memory, which a refusing server would lose.
    mongo = await startServer('mongo', { mongoBackend: 'h2' });
    own = await openInstallation(mongo.addresses);
    await own.seed('waiting', contacts);
  }, 120_000);

  afterAll(async () => {
    await own[Symbol.asyncDispose]();
    await mongo.discard();
  });

  it.each([
    ['hangs', 20_000, () => mongo.signal('SIGSTOP'), () => mongo.signal('SIGCONT')],
    ['refuses connections', 12_000, () => mongo.stop('hard'), () => mongo.start()],
  ])(
    'delays them: when it %s, every job completes afterwards, none fails and no message is dead-lettered',
    async (_, outageMs, away, back) => {
      await using resolver = await startProcess('resolver', own);
      await using render = await startProcess('render', own);
      const request = () => Promise.all([1, 2, 3].map(() => own.request({ company: 'waiting' })));
      const jobs = await request();
      await waitFor(() => jobs.some((job) => own.events.batchesOf(job).length > 1), {
        limitMs: 30_000,
        what: 'a job to have batches',
      });
      await away();
      // A job that is requested while MongoDB is away waits too.
      jobs.push(...(await request()));
      await delay(outageMs);
      for (const job of jobs) {
        for (const { event } of own.events.endsOf(job)) expect(event.outcome).toBe('SUCCEEDED');
      }
      await back();
      for (const job of jobs) {
        await expectOneFile(own, await own.events.ended(job, { limitMs: 90_000 }), contacts);
      }
      for (const topic of ['resolver.dlq', 'render.dlq']) expect(await own.raw.read(topic)).toEqual([]);
      expect(render.pid).not.toBe(resolver.pid);
    },
    240_000,
  );
});
