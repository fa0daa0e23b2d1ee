import { randomUUID } from 'node:crypto';
import type { ActivityName } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MoodyServer } from '@waybill/testbed';
import { sealedFor } from '@waybill/fixtures';
import { Harness } from '../testing/harness.ts';

let server: MoodyServer;
let harness: Harness;

beforeAll(async () => {
  server = await MoodyServer.start();
  harness = await Harness.open({
    ACTIVITY_FORWARD_URL: `${server.url}/events`,
    ACTIVITY_FORWARD_TOKEN: 'secret',
  });
  await harness.start();
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const names: readonly ActivityName[] = [
  'cdp_export_started',
  'cdp_export_completed',
  'cdp_export_failed',
  'cdp_export_cancelled',
  'cdp_export_downloaded',
  'cdp_export_limit_exceeded',
  'cdp_export_notification_sent',
  'cdp_export_history_registered',
];

const shape = z.object({ id: z.string(), name: z.string(), job_id: z.string() });
const about = (jobId: string) =>
  server.received.map(({ body }) => shape.parse(body)).filter(({ job_id }) => job_id === jobId);

async function publish(jobId: string, name: ActivityName, at = Date.now()) {
  const personal = await sealedFor('company-1', 'ani', { email: 'ani@example.com' });
  const attributes = { format: 'xlsx' };
  await harness.publishActivity({
    company_id: 'company-1',
    job_id: jobId,
    name,
    user_id: 'ani',
    at,
    attributes,
    personal,
  });
}

describe('forwarder of product events', () => {
  it('posts all eight product events once each, without their sealed part', async () => {
    const jobId = randomUUID();
    for (const name of names) await publish(jobId, name);
    await waitFor(() => about(jobId).length === names.length, { limitMs: 20_000, what: 'all eight' });
    expect(
      about(jobId)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...names].sort());
    expect(server.received[0]?.headers).toMatchObject({ authorization: 'Bearer secret' });
    expect(JSON.stringify(server.received)).not.toMatch(/personal|ciphertext|ani@/);
  });

  it('retries with the same id while the other system is down', async () => {
    const jobId = randomUUID();
    server.mood = { kind: 'answer', status: 503 };
    await publish(jobId, 'cdp_export_started');
    await waitFor(() => about(jobId).length >= 2, { limitMs: 20_000, what: 'the first tries' });
    server.mood = { kind: 'answer', status: 202 };
    const before = about(jobId).length;
    await waitFor(() => about(jobId).length > before, { limitMs: 60_000, what: 'the delayed try' });
    expect(new Set(about(jobId).map(({ id }) => id)).size).toBe(1);
  });

  it('skips old events of a replay', async () => {
    const [old, fresh] = [randomUUID(), randomUUID()];
    await publish(old, 'cdp_export_started', Date.now() - 8 * 86_400_000);
    await publish(fresh, 'cdp_export_started');
    await waitFor(() => about(fresh).length > 0, {
      limitMs: 20_000,
      what: 'the later event of the same key',
    });
    expect(about(old)).toEqual([]);
  });
});
