import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';
import { progress } from '../testing/sample-events.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'intake', topics: [topic], retry: quickRetry } as const;

describe('while the broker is gone', () => {
  let broker: DedicatedServer<'kafka'>;
  beforeAll(async () => {
    broker = await startServer('kafka');
  });
  afterAll(() => broker.discard());

  const open = (sendTimeoutMs = 2_000) =>
    openPort({
      brokers: broker.addresses.kafka.brokers,
      // The group waits so long for a member that lost the broker and came back as another.
      tuning: { sendTimeoutMs, sessionTimeoutMs: 6_000 },
    });

  it('a send rejects in bounded time, and the same producer works again when it is back', async () => {
    await using port = await open();
    await port.producer.send(topic, progress('job-1', 1));
    await broker.stop('hard');
    const began = performance.now();
    const sends = [2, 3, 4].map((number) => port.producer.send(topic, progress('job-1', number)));
    for (const sent of sends) {
      await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    }
    expect(performance.now() - began).toBeLessThan(3_000);
    await expect(port.kafka.ping()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await expect(port.kafka.logRanges(topic)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await broker.start();
    await waitFor(() => port.producer.send(topic, progress('job-1', 5)).then(() => true), {
      limitMs: 20_000,
      what: 'a send to succeed',
    });
    await waitFor(() => port.kafka.ping().then(() => true), { limitMs: 10_000, what: 'a ping' });
  });

  it('a send to a broker that hangs rejects in bounded time too', async () => {
    await using port = await open();
    await port.producer.send(topic, progress('job-1', 1));
    await broker.signal('SIGSTOP');
    try {
      const began = performance.now();
      const sent = port.producer.send(topic, progress('job-1', 2));
      await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
      expect(performance.now() - began).toBeLessThan(3_000);
    } finally {
      await broker.signal('SIGCONT');
    }
    await waitFor(() => port.producer.send(topic, progress('job-1', 3)).then(() => true), {
      limitMs: 20_000,
      what: 'a send to succeed',
    });
  });

  it('a consumer keeps trying to start, and starts when it comes', async () => {
    await using port = await open();
    await port.producer.send(topic, progress('job-1', 1));
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

  it('a consumer that was stopped before the broker came does not start later', async () => {
    await using port = await open();
    await broker.stop();
    const consumer = port.another().createConsumer({ ...options, handler: () => Promise.resolve(done()) });
    const starting = consumer.start();
    await consumer.stop();
    await starting;
    expect(consumer.ready()).toBe(false);
    await broker.start();
  });

  it.each(['soft', 'hard'] as const)('(%s) a consumer loses nothing, and goes on after it', async (kind) => {
    await using port = await open(5_000);
    const recorder = new Recorder(async () => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return done();
    });
    const consumer = await port.consume({ ...options, handler: recorder.handler });
    const keys = Array.from({ length: 300 }, (_, index) => `job-${index}`);
    await Promise.all(keys.slice(0, 200).map((key) => port.producer.send(topic, progress(key, 1))));
    await recorder.sees(20);
    await broker.stop(kind);
    await broker.start();
    for (const key of keys.slice(200)) {
      await waitFor(() => port.producer.send(topic, progress(key, 1)).then(() => true), {
        limitMs: 20_000,
        what: 'a send to succeed',
      });
    }
    await waitFor(() => new Set(recorder.keys()).size === keys.length, {
      limitMs: 40_000,
      what: 'every message',
    });
    await waitFor(() => consumer.ready(), { limitMs: 10_000, what: 'the consumer to be ready' });
    expect(port.fatal).toEqual([]);
  });
});

describe('while the schema registry is gone', () => {
  it('messages wait and are not dead-lettered, sends reject in bounded time, and all goes on when it is back', async () => {
    await using registry = await startServer('registry');
    const registryUrl = registry.addresses.registry.url;
    await using port = await openPort({ registryUrl, tuning: { sendTimeoutMs: 1_500 } });
    await port.producer.send(topic, progress('job-1', 1));
    await registry.stop('hard');

    // Ports of their own: this one has the schemas in its cache, and needs the registry no more.
    const recorder = new Recorder(() => done());
    const other = port.another();
    await port.consume({ ...options, handler: recorder.handler }, other);
    const began = performance.now();
    const sent = port.another().createProducer().send(topic, progress('job-1', 2));
    await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', retryable: true });
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(recorder.messages).toEqual([]);
    expect((await port.raw.ends('intake.dlq')).get(0)).toBe(0n);

    await registry.start();
    await recorder.sees(1, 20_000);
    expect((await port.raw.ends('intake.dlq')).get(0)).toBe(0n);
  });
});
