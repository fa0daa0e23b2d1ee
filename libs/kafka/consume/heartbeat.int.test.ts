import { sampleProgress } from '@waybill/fixtures';
import { createMetrics, silentLogger } from '@waybill/observability';
import { sharedAddresses, waitFor } from '@waybill/testbed';
import type { Kafka as Client } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { createBrokerAdmin } from '../broker/broker-admin.ts';
import { createConsumer } from './create-consumer.ts';
import { createBytesProducer } from '../produce/bytes-producer.ts';
import { createClient } from '../broker/client.ts';
import { createCodec } from '../wire/codec.ts';
import { done } from '../index.ts';
import { createKafkaMetrics } from '../metrics.ts';
import { createRegistryClient } from '../wire/registry-client.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';
import { defaultTuning } from '../types/tuning.ts';

const logger = silentLogger();

function newClient(): Client {
  return createClient({
    security: { tls: false },
    brokers: [sharedAddresses().kafka.brokers],
    clientId: 'test',
    logger,
    connectTimeoutMs: 2_000,
    requestTimeoutMs: 15_000,
  });
}

/** Creates a client that behaves as kafkajs during a rebalance: every heartbeat that a handler calls throws. */
function rebalancingClient(onHeartbeat: () => void): Client {
  const client = newClient();
  const open = client.consumer.bind(client);
  client.consumer = (config) => {
    const consumer = open(config);
    const run = consumer.run.bind(consumer);
    consumer.run = ({ eachBatch, ...rest } = {}) =>
      run({
        ...rest,
        eachBatch: async (payload) => {
          const heartbeat = () => {
            onHeartbeat();
            return Promise.reject(new Error('The group is rebalancing, so a rejoin is needed'));
          };
          await eachBatch?.({ ...payload, heartbeat });
        },
      });
    return consumer;
  };
  return client;
}

describe('a heartbeat that throws', () => {
  it('does not reach a handler, so that each message is handled once and committed', async () => {
    await using port = await openPort();
    let thrown = 0;
    const broker = createBrokerAdmin(newClient());
    const producer = createBytesProducer(newClient(), defaultTuning);
    const recorder = new Recorder(async (_, { heartbeat }) => {
      await heartbeat();
      await heartbeat();
      return done();
    });
    const consumer = createConsumer<'export.progress'>(
      {
        client: rebalancingClient(() => (thrown += 1)),
        broker,
        producer,
        codec: createCodec(
          createRegistryClient({ url: sharedAddresses().registry.url, clientId: 'test', timeoutMs: 3_000 }),
          port.prefix,
        ),
        metrics: createKafkaMetrics(createMetrics('test', { processMetrics: false })),
        tuning: defaultTuning,
        logger,
        prefix: port.prefix,
      },
      {
        group: 'g',
        service: 'intake',
        topics: ['export.progress'],
        retry: quickRetry,
        handler: recorder.handler,
      },
    );
    await consumer.start();
    for (const number of [1, 2]) await port.producer.send('export.progress', sampleProgress('job-1', number));
    await recorder.sees(2);
    const { partition } = recorder.messages[0] ?? { partition: -1 };
    const committed = () => port.raw.committed('g', 'export.progress', partition);
    await waitFor(async () => (await committed()) === 2n, { limitMs: 15_000, what: 'the commit' });
    expect(recorder.messages.map(({ offset, tries }) => [offset, tries])).toEqual([
      [0n, 1],
      [1n, 1],
    ]);
    expect(thrown).toBe(4);
    await consumer.stop();
    await producer.close();
    await broker.close();
  });
});
