import { createCancelFlags } from '@waybill/redis';
import { silentLogger } from '@waybill/observability';
import { startServer, waitFor } from '@waybill/testbed';
import { jobId } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import type { Answer } from './testing/call.ts';
import { collect } from './testing/events.ts';
import { startTestIntake, type RunningIntake } from './testing/running-intake.ts';

/* An accepted export is never lost. Each test stops its own real server while the service runs. */

const limitMs = 60_000;

/** Sends exports of different people one after the other. */
async function exportAs(intake: RunningIntake, ...users: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const userId of users) answers.push(await intake.exportWith({}, { as: { userId } }));
  return answers;
}

function requireAccepted(answers: readonly Answer[]): readonly string[] {
  for (const answer of answers) expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answers.map((answer) => String(answer.body['job_id']));
}

/** Waits until each job has been published, and expects exactly one event per job. */
async function requirePublished(intake: RunningIntake, ids: readonly string[]): Promise<void> {
  await using requested = collect(intake.kafka, 'export.requested');
  const keys = () => new Set(requested.messages.map((message) => message.key));
  await waitFor(() => ids.every((id) => keys().has(id)), { limitMs, what: 'every job to be published' });
  expect(new Set(requested.messages.map((message) => message.id)).size).toBe(keys().size);
  expect([...keys()].sort()).toEqual([...ids].sort());
}

function pendingJobs(intake: RunningIntake): Promise<number> {
  return intake.db.collection('jobs').countDocuments({ outbox_pending: true });
}

describe.each(['kafka', 'registry'] as const)('intake while %s is stopped', (name) => {
  it('accepts exports and publishes each job once after the server has started again', async () => {
    await using server = await startServer(name);
    await using intake = await startTestIntake({ addresses: server.addresses });
    await server.stop('hard');
    const before = Date.now();
    const ids = requireAccepted(await exportAs(intake, 'a', 'b', 'c'));
    expect(Date.now() - before, 'no request waits for the server').toBeLessThan(3_000);
    expect(await pendingJobs(intake)).toBe(3);
    const { checks } = await intake.readiness();
    expect(checks['kafka'], 'a service that accepts exports stays in the load balancer').toBe('ok');
    await server.start();
    await requirePublished(intake, ids);
    await waitFor(async () => (await pendingJobs(intake)) === 0, {
      limitMs,
      what: 'the outboxes to be empty',
    });
  });
});

describe('intake started while kafka is down', () => {
  it('accepts exports without being ready and publishes them after kafka has started', async () => {
    await using kafka = await startServer('kafka');
    const beforeStart = () => kafka.stop('hard');
    await using intake = await startTestIntake({ addresses: kafka.addresses, beforeStart });
    await waitFor(async () => (await intake.readiness()).checks['mongodb'] === 'ok', {
      limitMs,
      what: 'MongoDB to be ready',
    });
    expect((await intake.readiness()).ready).toBe(false);
    const ids = requireAccepted(await exportAs(intake, 'a'));
    await kafka.start();
    await requirePublished(intake, ids);
    await waitFor(async () => (await intake.readiness()).ready, { limitMs, what: 'the service to be ready' });
  });
});

describe('intake while redis is stopped', () => {
  const environment = { RATE_LIMIT_POINTS: '2' };

  it('accepts exports up to the rate limit of the process and counts them in a metric', async () => {
    await using redis = await startServer('redis');
    await using intake = await startTestIntake({ addresses: redis.addresses, environment });
    await redis.stop('hard');
    const [first, second, third] = await exportAs(intake, 'a', 'b', 'c');
    expect([first?.status, second?.status, third?.status]).toEqual([200, 200, 429]);
    expect(third?.headers.get('retry-after')).not.toBeNull();
    const fallback = await intake.metrics.registry
      .getSingleMetric('waybill_rate_limit_fallbacks_total')
      ?.get();
    expect(fallback?.values[0]?.value).toBe(3);
    await requirePublished(intake, requireAccepted([first, second].filter((one) => one !== undefined)));
  });

  it('accepts a cancellation request and raises its flag after redis has started again', async () => {
    await using redis = await startServer('redis');
    await using intake = await startTestIntake({ addresses: redis.addresses });
    const [id = ''] = requireAccepted(await exportAs(intake, 'a'));
    await redis.stop('hard');
    const answer = await intake.call('POST', `/export/${id}/cancel`, { as: { userId: 'a' } });
    expect([answer.status, answer.body['cancel_requested']]).toEqual([202, true]);
    await redis.start();
    const flags = createCancelFlags({ url: redis.addresses.redis.url, logger: silentLogger() });
    await waitFor(() => flags.isRaised(jobId(id), 1), { limitMs, what: 'the flag to be raised' });
    flags.close();
  });

  it('accepts an export without waiting for redis while it hangs', async () => {
    await using redis = await startServer('redis');
    await using intake = await startTestIntake({ addresses: redis.addresses, environment });
    await redis.signal('SIGSTOP');
    const before = Date.now();
    requireAccepted(await exportAs(intake, 'a'));
    expect(Date.now() - before).toBeLessThan(4_000);
    await redis.signal('SIGCONT');
  });
});

describe('intake while mongodb is stopped', () => {
  it('answers 503 with Retry-After, accepts nothing, and accepts exports after mongodb has started again', async () => {
    await using mongo = await startServer('mongo', { mongoBackend: 'h2' });
    const environment = { RATE_LIMIT_POINTS: '5' };
    await using intake = await startTestIntake({ addresses: mongo.addresses, environment });
    await using requested = collect(intake.kafka, 'export.requested');
    // Stopped softly, because H2 may lose the writes of the last second before a crash, and the test needs the company.
    await mongo.stop('soft');
    const rejected = await exportAs(intake, 'a', 'b');
    for (const answer of rejected) {
      expect([answer.status, answer.body['code']]).toEqual([503, 'SERVICE_UNAVAILABLE']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await intake.readiness()).checks['mongodb']).toBe('failed');
    await mongo.start();
    const accepted = await waitFor(
      async () => {
        const answer = await intake.exportWith({}, { as: { userId: 'c' } });
        return answer.status === 200 ? answer : undefined;
      },
      { limitMs, what: 'an export to be accepted again' },
    );
    // Rejected requests took no point and left no job and no event.
    expect(accepted.headers.get('ratelimit-remaining')).toBe('4');
    expect(await intake.db.collection('jobs').countDocuments()).toBe(1);
    await waitFor(() => requested.messages.length > 0, { limitMs, what: 'the one event' });
    expect(requested.messages.map((message) => message.key)).toEqual([accepted.body['job_id']]);
  });

  it('is alive and not ready when it starts, and accepts exports after mongodb has started', async () => {
    await using mongo = await startServer('mongo', { mongoBackend: 'h2' });
    const beforeStart = () => mongo.stop('soft');
    await using intake = await startTestIntake({ addresses: mongo.addresses, beforeStart });
    expect((await fetch(`${intake.operatorUrl}/livez`)).status).toBe(200);
    expect((await fetch(`${intake.operatorUrl}/readyz`)).status).toBe(503);
    expect((await intake.exportWith()).status).toBe(503);
    await mongo.start();
    await waitFor(async () => (await intake.readiness()).ready, { limitMs, what: 'the service to be ready' });
    requireAccepted(await exportAs(intake, 'a'));
  });
});

describe('the sweep of intake', () => {
  it('removes a job seven days after its end, under the lease that one process has', async () => {
    await using intake = await startTestIntake({ environment: { SWEEP_EVERY_MS: '1000' } });
    const [id = ''] = requireAccepted(await exportAs(intake, 'a'));
    const jobs = intake.db.collection<{ _id: string }>('jobs');
    await jobs.updateOne({ _id: id }, { $set: { ended_at: Date.now() - 8 * 86_400_000 } });
    await waitFor(async () => (await jobs.countDocuments({ _id: id })) === 0, {
      limitMs,
      what: 'the job to be removed',
    });
    expect(await intake.db.collection<{ _id: string }>('leases').countDocuments({ _id: 'sweep' })).toBe(1);
    const items = await intake.metrics.registry.getSingleMetricAsString('waybill_sweep_items_total');
    expect(items).toContain('what="jobs"');
  });
});
