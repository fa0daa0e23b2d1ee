import { ExportError } from '@waybill/errors';
import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { openPort, quickRetry, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';

async function gauge(port: Port, name: string, partition: number): Promise<number | undefined> {
  const text = await port.metrics.registry.metrics();
  const line = text
    .split('\n')
    .find((candidate) => candidate.startsWith(`${name}{`) && candidate.includes(`partition="${partition}"`));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

describe('consumer lag', () => {
  it('counts the messages that wait for a slow handler and their age, falls to zero, and is removed by a stop', async () => {
    await using port = await openPort({ tuning: { lagEveryMs: 100 } });
    const gate = Promise.withResolvers<undefined>();
    const recorder = new Recorder(async () => {
      await gate.promise;
      return done();
    });
    const consumer = await port.consume({
      group: 'g',
      service: 'intake',
      topics: [topic],
      retry: quickRetry,
      handler: recorder.handler,
    });
    const minuteAgo = Date.now() - 60_000;
    for (const number of [1, 2, 3]) {
      await port.producer.send(topic, { ...sampleProgress('job-1', number), at: minuteAgo });
    }
    await recorder.sees(1);
    const partition = recorder.messages[0]?.partition ?? -1;
    await waitFor(async () => (await gauge(port, 'waybill_kafka_consumer_lag_messages', partition)) === 3, {
      limitMs: 5_000,
      what: 'a lag of three messages',
    });
    const seconds = await waitFor(
      async () => {
        const age = (await gauge(port, 'waybill_kafka_consumer_lag_seconds', partition)) ?? 0;
        return age >= 60 ? age : undefined;
      },
      { limitMs: 5_000, what: 'the age of the oldest message' },
    );
    expect(seconds).toBeLessThan(90);
    gate.resolve(undefined);
    await waitFor(async () => (await gauge(port, 'waybill_kafka_consumer_lag_messages', partition)) === 0, {
      limitMs: 5_000,
      what: 'no lag',
    });
    expect(await gauge(port, 'waybill_kafka_consumer_lag_seconds', partition)).toBe(0);
    await consumer.stop();
    expect(await gauge(port, 'waybill_kafka_consumer_lag_messages', partition)).toBeUndefined();
  });

  it('is shown while a member cannot open its partitions', async () => {
    await using port = await openPort({ tuning: { lagEveryMs: 100 } });
    for (const number of [1, 2]) await port.producer.send(topic, sampleProgress('job-1', number));
    const [message] = await port.raw.read(topic);
    const partition = message?.partition ?? -1;
    await port.consume({
      group: 'g',
      service: 'intake',
      topics: [topic],
      retry: quickRetry,
      handler: () => Promise.resolve(done()),
      onAssigned: () => Promise.reject(new ExportError('SERVICE_UNAVAILABLE')),
    });
    await waitFor(async () => (await gauge(port, 'waybill_kafka_consumer_lag_messages', partition)) === 2, {
      limitMs: 5_000,
      what: 'a lag of two messages',
    });
    await waitFor(
      async () => ((await gauge(port, 'waybill_partition_waiting_seconds', partition)) ?? 0) > 0,
      {
        limitMs: 5_000,
        what: 'the wait of the partition',
      },
    );
  });
});
