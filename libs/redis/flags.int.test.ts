import { randomUUID } from 'node:crypto';
import { silentLogger } from '@waybill/observability';
import { sharedAddresses, startServer, waitFor } from '@waybill/testbed';
import { jobId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { createCancelFlags } from './index.ts';

const logger = silentLogger();
const limit = (what: string) => ({ limitMs: 10_000, what });

describe('the cancel flag of a job', () => {
  it('the cancel flag is set for its attempt and no other attempt or job', async () => {
    const flags = createCancelFlags({ url: sharedAddresses().redis.url, logger });
    const job = jobId(randomUUID());
    await waitFor(() => flags.raise(job, 1).then(() => true), limit('the connection'));
    expect(await flags.isRaised(job, 1)).toBe(true);
    expect(await flags.isRaised(job, 2)).toBe(false);
    expect(await flags.isRaised(jobId(randomUUID()), 1)).toBe(false);
    flags.close();
  });

  it('the cancel flag reads as not set while Redis is down, and as set after Redis returns', async () => {
    await using redis = await startServer('redis');
    const flags = createCancelFlags({ url: redis.addresses.redis.url, logger });
    const job = jobId(randomUUID());
    await waitFor(() => flags.raise(job, 1).then(() => true), limit('the connection'));
    await redis.stop('hard');
    await waitFor(async () => !(await flags.isRaised(job, 1)), limit('the loss to be noticed'));
    await expect(flags.raise(job, 1)).rejects.toThrow();
    await redis.start();
    await waitFor(() => flags.raise(job, 1).then(() => true), limit('the connection'));
    await waitFor(() => flags.isRaised(job, 1), limit('the flag'));
    flags.close();
  });

  it('reading the cancel flag does not wait each time while Redis does not answer', async () => {
    await using redis = await startServer('redis');
    const flags = createCancelFlags({ url: redis.addresses.redis.url, logger, timeoutMs: 100 });
    const job = jobId(randomUUID());
    await waitFor(() => flags.raise(job, 1).then(() => true), limit('the connection'));
    await redis.signal('SIGSTOP');
    const before = performance.now();
    for (let asked = 0; asked < 500; asked += 1) expect(await flags.isRaised(job, 1)).toBe(false);
    expect(performance.now() - before).toBeLessThan(10_000);
    await redis.signal('SIGCONT');
    await waitFor(() => flags.isRaised(job, 1), limit('the flag'));
    flags.close();
  });
});
