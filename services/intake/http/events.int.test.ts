import { eventId } from '@waybill/kafka';
import type { ExportProgress } from '@waybill/schemas';
import { uniqueName } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endJob } from '../testing/end-job.ts';
import { openEvents } from '../testing/event-stream.ts';
import { startTestIntake, type RunningIntake } from '../testing/running-intake.ts';
import { sampleProgress } from '../testing/sample-job.ts';

let intake: RunningIntake;
beforeAll(async () => {
  intake = await startTestIntake({ environment: { EVENTS_HEARTBEAT_MS: '300', EVENTS_POLL_MS: '60000' } });
});
afterAll(() => intake[Symbol.asyncDispose]());

let people = 0;
async function start(): Promise<string> {
  people += 1;
  const { body } = await intake.exportWith({}, { as: { userId: `p${people}` } });
  return String(body['job_id']);
}

async function progress(id: string, part: Partial<ExportProgress>): Promise<void> {
  const producer = intake.kafka.createProducer();
  const { companyId } = intake;
  const event = sampleProgress({ job_id: id, company_id: companyId, at: Date.now(), ...part });
  const message = { key: id, id: eventId(id, 'export.progress', 1, uniqueName('n')), companyId, attempt: 1 };
  await producer.send('export.progress', { ...message, type: 'export.progress', at: Date.now(), event });
  await producer.stop();
}

describe('event stream', () => {
  it('sends the current state, then each change without waiting for a poll, and ends with the job', async () => {
    const id = await start();
    await using stream = await openEvents(intake, id);
    expect((await stream.next()).data).toMatchObject({ job_id: id, status: 'queued' });
    await progress(id, { written: 500 });
    // The next poll of this service is a minute away: the change came over Redis.
    expect((await stream.next()).data).toMatchObject({ status: 'processing', success_count: 500 });
    await endJob(intake, id, 'FAILED');
    expect((await stream.next()).data).toMatchObject({ status: 'failed', failure_reason: 'EXPORT_STALLED' });
    expect(await stream.ended()).toBe(true);
  });

  it('sends heartbeats while nothing changes', async () => {
    await using stream = await openEvents(intake, await start());
    await stream.next();
    await stream.heartbeat();
    await stream.heartbeat();
  });

  it('resumes after Last-Event-ID without repeating an event', async () => {
    const id = await start();
    const first = await openEvents(intake, id);
    const { id: seen } = await first.next();
    await first[Symbol.asyncDispose]();
    await progress(id, { written: 100 });
    await using again = await openEvents(intake, id, seen);
    const next = await again.next();
    expect(Number(next.id)).toBeGreaterThan(Number(seen));
    expect(next.data).toMatchObject({ success_count: 100 });
  });

  it('answers 204 to a client that has the terminal state', async () => {
    const id = await start();
    await endJob(intake, id, 'SUCCEEDED');
    const stream = await openEvents(intake, id);
    const last = await stream.next();
    expect(await stream.ended()).toBe(true);
    const answer = await intake.call('GET', `/export/events/${id}`, {
      headers: { 'last-event-id': last.id },
    });
    expect(answer.status).toBe(204);
  });

  it('ends when the service stops and does not delay the stop', async () => {
    await using other = await startTestIntake({ contacts: 1 });
    const { body } = await other.exportWith();
    await using stream = await openEvents(other, String(body['job_id']));
    await stream.next();
    const before = Date.now();
    await other.stop();
    expect(await stream.ended()).toBe(true);
    expect(Date.now() - before).toBeLessThan(10_000);
  });
});
