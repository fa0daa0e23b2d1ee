import { sampleProgress } from '@waybill/fixtures';
import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, type Outcome } from '../index.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'intake', topics: [topic], retry: quickRetry } as const;

describe('an outage of the broker', () => {
  let broker: DedicatedServer<'kafka'>;
  beforeAll(async () => {
    broker = await startServer('kafka');
  });
  afterAll(() => broker.discard());

  const open = (sendTimeoutMs = 2_000) =>
    openPort({
      brokers: broker.addresses.kafka.brokers,
      // The group waits this long for a member that lost the broker and came back under another id.
      tuning: { sendTimeoutMs, sessionTimeoutMs: 6_000, lagEveryMs: 50 },
    });

  it('makes a send fail in bounded time, and the same producer works again afterwards', async () => {
    await using port = await open();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await broker.stop('hard');
    const startedAt = performance.now();
    const sends = [2, 3, 4].map((number) => port.producer.send(topic, sampleProgress('job-1', number)));
    for (const sent of sends) {
      await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    }
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    await expect(port.kafka.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(port.kafka.logRanges(topic)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await broker.start();
    await waitFor(() => port.producer.send(topic, sampleProgress('job-1', 5)).then(() => true), {
      limitMs: 20_000,
      what: 'a send to succeed',
    });
    await waitFor(() => port.kafka.ping().then(() => true), { limitMs: 10_000, what: 'a ping' });
  });

  it('makes a send fail in bounded time while the broker hangs', async () => {
    await using port = await open();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await broker.signal('SIGSTOP');
    try {
      const startedAt = performance.now();
      const sent = port.producer.send(topic, sampleProgress('job-1', 2));
      await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
      expect(performance.now() - startedAt).toBeLessThan(3_000);
    } finally {
      await broker.signal('SIGCONT');
    }
    await waitFor(() => port.producer.send(topic, sampleProgress('job-1', 3)).then(() => true), {
      limitMs: 20_000,
      what: 'a send to succeed',
    });
  });

  it('delays the start of a consumer until the broker runs', async () => {
    await using port = await open();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await broker.stop();
    const recorder = new Recorder(() => done());
    const consumer = port.another().createConsumer({ ...options, handler: recorder.handler });
    let started = false;
    const starting = consumer.start().then(() => (started = true));
    const [settled] = await Promise.allSettled([port.kafka.ping()]);
    expect(settled.status).toBe('rejected');
    expect(started).toBe(false);
    expect(consumer.ready()).toBe(false);
    await broker.start();
    await starting;
    await recorder.sees(1, 30_000);
    expect(consumer.ready()).toBe(true);
  });

  it('starts no consumer later that was stopped before the broker ran', async () => {
    await using port = await open();
    await broker.stop();
    const consumer = port.another().createConsumer({ ...options, handler: () => Promise.resolve(done()) });
    const starting = consumer.start();
    await consumer.stop();
    await starting;
    expect(consumer.ready()).toBe(false);
    await broker.start();
  });

  it('leaves the lag of a consumer in the metrics', async () => {
    await using port = await open();
    const gate = Promise.withResolvers<Outcome>();
    const recorder = new Recorder(() => gate.promise);
    const consumer = await port.consume({ ...options, handler: recorder.handler });
    for (const number of [1, 2, 3]) await port.producer.send(topic, sampleProgress('job-1', number));
    const showsLag = async () => {
      const text = await port.metrics.registry.metrics();
      return /^waybill_kafka_consumer_lag_messages\{.*\} 3$/m.test(text);
    };
    await waitFor(showsLag, { limitMs: 10_000, what: 'a lag of three messages' });
    await broker.stop('hard');
    await waitFor(() => !consumer.ready(), { limitMs: 30_000, what: 'the consumer to lose the broker' });
    // Takes longer than several measurements.
    await expect(port.kafka.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await showsLag()).toBe(true);
    gate.resolve(done());
    await broker.start();
  });

  it.each(['soft', 'hard'] as const)(
    'loses no message of a consumer, which continues afterwards (%s stop)',
    async (kind) => {
      await using port = await open(5_000);
      const recorder = new Recorder(async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        return done();
      });
      const consumer = await port.consume({ ...options, handler: recorder.handler });
      const keys = Array.from({ length: 300 }, (_, index) => `job-${index}`);
      await Promise.all(keys.slice(0, 200).map((key) => port.producer.send(topic, sampleProgress(key, 1))));
      await recorder.sees(20);
      await broker.stop(kind);
      await broker.start();
      for (const key of keys.slice(200)) {
        await waitFor(() => port.producer.send(topic, sampleProgress(key, 1)).then(() => true), {
          limitMs: 20_000,
          what: 'a send to succeed',
        });
      }
      await waitFor(() => new Set(recorder.keys()).size === keys.length, {
        // The group may wait for the member that the broker lost, up to the rebalance time-out of 60 s.
        limitMs: 90_000,
        what: 'every message',
      });
      await waitFor(() => consumer.ready(), { limitMs: 10_000, what: 'the consumer to be ready' });
    },
    150_000,
  );
});

describe('an outage of the schema registry', () => {
  it('delays messages until it ends, dead-letters none, and makes sends fail in bounded time', async () => {
    await using registry = await startServer('registry');
    const registryUrl = registry.addresses.registry.url;
    await using port = await openPort({ registryUrl, tuning: { sendTimeoutMs: 1_500 } });
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await registry.stop('hard');

    // Separate ports: this one has the schemas in its cache and no longer needs the registry.
    const recorder = new Recorder(() => done());
    const other = port.another();
    await port.consume({ ...options, handler: recorder.handler }, other);
    const startedAt = performance.now();
    const sent = port.another().createProducer().send(topic, sampleProgress('job-1', 2));
    await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(recorder.messages).toEqual([]);
    expect((await port.raw.ends('intake.dlq')).get(0)).toBe(0n);

    await registry.start();
    await recorder.sees(1, 20_000);
    expect((await port.raw.ends('intake.dlq')).get(0)).toBe(0n);
  });
});
