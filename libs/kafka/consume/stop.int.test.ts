import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done, retry } from '../index.ts';
import { ExportError } from '@waybill/errors';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'intake', topics: [topic], retry: quickRetry } as const;

describe('a stop', () => {
  it('waits for the running handler, commits its message and starts no other', async () => {
    await using port = await openPort();
    for (let number = 0; number < 5; number += 1) {
      await port.producer.send(topic, sampleProgress('job-1', number));
    }
    const gate = Promise.withResolvers<undefined>();
    const recorder = new Recorder(async () => {
      await gate.promise;
      return done();
    });
    const consumer = await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    const stopped = consumer.stop();
    gate.resolve(undefined);
    await stopped;
    expect(recorder.messages).toHaveLength(1);
    expect(await port.raw.committed('g', topic, recorder.messages[0]?.partition ?? -1)).toBe(1n);
  });

  it('aborts a handler that does not end in time and commits no unfinished message', async () => {
    await using port = await openPort({ tuning: { stopGraceMs: 500, abortGraceMs: 2_000 } });
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const recorder = new Recorder(async (_, { signal }) => {
      await waitFor(() => signal.aborted, { limitMs: 20_000, everyMs: 10, what: 'the abort' });
      return retry(new ExportError('SERVICE_UNAVAILABLE'));
    });
    const consumer = await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    const startedAt = performance.now();
    await consumer.stop();
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(499);
    expect(tookMs).toBeLessThan(3_000);
    expect(await port.raw.committed('g', topic, recorder.messages[0]?.partition ?? -1)).toBeUndefined();
    expect((await port.raw.ends('intake.dlq')).get(0)).toBe(0n);
  });

  it('ends in bounded time even when a handler never ends', async () => {
    await using port = await openPort({ tuning: { stopGraceMs: 200, abortGraceMs: 200 } });
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const recorder = new Recorder(() => new Promise(() => undefined));
    const consumer = await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    const startedAt = performance.now();
    await consumer.stop();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('leaves the group immediately, so that the next member does not wait for a session time-out', async () => {
    await using port = await openPort();
    const first = await port.consume({ ...options, handler: () => Promise.resolve(done()) });
    await first.stop();
    const startedAt = performance.now();
    await port.consume({ ...options, handler: () => Promise.resolve(done()) });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('does not wait for a message that is between two tries', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const recorder = new Recorder(() => retry(new ExportError('SERVICE_UNAVAILABLE')));
    const slow = { tries: 5, fromMs: 60_000, toMs: 60_000 } as const;
    const consumer = await port.consume({ ...options, retry: slow, handler: recorder.handler });
    await recorder.sees(1);
    const startedAt = performance.now();
    await consumer.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(await port.raw.committed('g', topic, recorder.messages[0]?.partition ?? -1)).toBeUndefined();
  });
});
