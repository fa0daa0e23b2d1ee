import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sampleProgress } from '@waybill/fixtures';
import { sharedAddresses, waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';

describe('a crash of a consumer', () => {
  it('loses no message: the next process handles what the killed one had not committed', async () => {
    await using port = await openPort({ tuning: { sessionTimeoutMs: 6_000 } });
    const keys = Array.from({ length: 400 }, (_, index) => `job-${index}`);
    await Promise.all(keys.map((key) => port.producer.send(topic, sampleProgress(key, 1))));

    const { kafka, registry } = sharedAddresses();
    const script = join(import.meta.dirname, '..', 'testing', 'consumer-process.ts');
    const child = spawn(process.execPath, [script, kafka.brokers, registry.url, port.prefix], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    await waitFor(() => output.split('\n').length > 60, {
      limitMs: 20_000,
      what: 'some messages to be handled',
    });
    child.kill('SIGKILL');
    await once(child, 'close');
    const before = new Set(output.split('\n').slice(0, -1));
    expect(before.size).toBeLessThan(keys.length);

    const recorder = new Recorder(() => done());
    await port.consume({
      group: 'g',
      service: 'intake',
      topics: [topic],
      retry: quickRetry,
      handler: recorder.handler,
    });
    await waitFor(() => keys.every((key) => before.has(key) || recorder.keys().includes(key)), {
      limitMs: 30_000,
      what: 'every message to be handled by one of the two',
    });
  });

  it('starts the consumer again also where kafkajs gives up', async () => {
    await using port = await openPort();
    // A member that shares no assignment protocol with ours: the group refuses ours, which kafkajs takes for final.
    const strange = await port.raw.joinStrangely('g', topic);
    const recorder = new Recorder(() => done());
    const consumer = port.kafka.createConsumer({
      group: 'g',
      service: 'intake',
      topics: [topic],
      retry: quickRetry,
      handler: recorder.handler,
    });
    void consumer.start();
    const crashes = async () => {
      const text = await port.metrics.registry.metrics();
      return Number(/^waybill_kafka_consumer_crashes_total\{.*\} (\d+)$/m.exec(text)?.[1]);
    };
    await waitFor(async () => (await crashes()) >= 2, { limitMs: 15_000, what: 'a second crash' });
    expect(consumer.ready()).toBe(false);

    await strange.disconnect();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await recorder.sees(1);
    expect(consumer.ready()).toBe(true);
    await consumer.stop();
  });
});
