import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { keysByPartition } from '../testing/partitions.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const options = {
  group: 'g',
  service: 'intake',
  topics: ['export.progress'],
  retry: quickRetry,
} as const;

describe('a slow handler', () => {
  it('delays neither messages of another partition nor a member that joins', async () => {
    await using port = await openPort();
    const [slowKey = '', quickKey = ''] = (await keysByPartition(port, 2)).values();
    const gate = Promise.withResolvers<undefined>();
    let held = false;
    const recorder = new Recorder(async ({ key, event }) => {
      if (key === slowKey && !held && event !== null) {
        held = true;
        await gate.promise;
      }
      return done();
    });
    await port.consume({ ...options, handler: recorder.handler });
    await waitFor(() => held, { limitMs: 10_000, what: 'the slow handler to start' });

    const sentAt = performance.now();
    await port.producer.send('export.progress', sampleProgress(quickKey, 99));
    await waitFor(() => recorder.messages.some(({ key, offset }) => key === quickKey && offset > 0n), {
      limitMs: 3_000,
      everyMs: 10,
      what: "the other partition's message",
    });
    const messageMs = performance.now() - sentAt;

    const joinedAt = performance.now();
    const other = new Recorder(() => done());
    await port.consume({ ...options, handler: other.handler }, port.another());
    const joinMs = performance.now() - joinedAt;
    gate.resolve(undefined);
    // kafkajs alone would need as long as the slow handler; the port needs a pause and a heartbeat.
    expect(messageMs).toBeLessThan(2_000);
    expect(joinMs).toBeLessThan(5_000);
  });

  it('keeps its membership for longer than the session time-out', async () => {
    await using port = await openPort({ tuning: { sessionTimeoutMs: 6_000 } });
    await port.producer.send('export.progress', sampleProgress('job-1', 1));
    const recorder = new Recorder(async (_, { signal, heartbeat }) => {
      // One call shows that it may be called; the port sends its own heartbeats.
      await heartbeat();
      const end = performance.now() + 8_000;
      await waitFor(() => signal.aborted || performance.now() > end, {
        limitMs: 10_000,
        what: 'the end of the long work',
      });
      return done();
    });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    const { partition } = recorder.messages[0] ?? { partition: -1 };
    const committed = () => port.raw.committed('g', 'export.progress', partition);
    await waitFor(async () => (await committed()) === 1n, { limitMs: 15_000, what: 'the commit' });
    expect(recorder.messages).toHaveLength(1);
    expect(recorder.contexts[0]?.signal.aborted).toBe(false);
  });
});
