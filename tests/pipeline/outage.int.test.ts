import { startServer, waitFor } from '@waybill/testbed';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openInstallation, type Installation } from './testing/installation.ts';
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
