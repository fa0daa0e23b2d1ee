import type { ExportError } from '@waybill/errors';
import { createBrokerAdmin } from './broker/broker-admin.ts';
import { createConsumer } from './consume/create-consumer.ts';
import { createBytesProducer } from './produce/bytes-producer.ts';
import { brokerList, createClient } from './broker/client.ts';
import { createCodec } from './wire/codec.ts';
import { brokerTopics, ensureTopics } from './broker/ensure-topics.ts';
import { createKafkaMetrics } from './metrics.ts';
import { createEventProducer } from './produce/event-producer.ts';
import { findDeadLetters, redrive } from './dead-letter/redrive.ts';
import { readTopics } from './broker/read-topic.ts';
import { createRegistryClient } from './wire/registry-client.ts';
import { defaultTuning } from './types/tuning.ts';
import type { Kafka, KafkaOptions } from './types/kafka.ts';

/** Creates the port to one cluster and its registry. It connects with its first use. */
export function createKafka(options: KafkaOptions): Kafka {
  const { clientId, logger, prefix = '', onFatal = throwUncaught } = options;
  const tuning = { ...defaultTuning, ...options.tuning };
  const metrics = createKafkaMetrics(options.metrics);
  const codec = createCodec(createRegistryClient(options.registryUrl, clientId), prefix);
  const newClient = (requestTimeoutMs: number) =>
    createClient({
      brokers: brokerList(options.brokers),
      clientId,
      logger,
      connectTimeoutMs: tuning.connectTimeoutMs,
      requestTimeoutMs,
    });
  const broker = createBrokerAdmin(newClient(tuning.produceRequestTimeoutMs));
  const newProducer = () => createBytesProducer(newClient(tuning.produceRequestTimeoutMs), tuning);
  const failures = newProducer();
  const clients: { stop(): Promise<void> }[] = [];

  return {
    createProducer() {
      const { sendTimeoutMs } = tuning;
      const bytes = newProducer();
      const producer = createEventProducer({
        bytes,
        codec,
        metrics,
        prefix,
        source: clientId,
        sendTimeoutMs,
      });
      clients.push(producer);
      return producer;
    },
    createConsumer(consumerOptions) {
      const client = newClient(tuning.fetchRequestTimeoutMs);
      const consumer = createConsumer(
        { client, broker, producer: failures, codec, metrics, tuning, logger, prefix, onFatal },
        consumerOptions,
      );
      clients.push(consumer);
      return consumer;
    },
    ensureTopics: () => ensureTopics(broker, brokerTopics(prefix), logger),
    ping: () => broker.ping(),
    async logRanges(topic) {
      const full = `${prefix}${topic}`;
      const ranges = await broker.logRanges([full]);
      // The keys are those of `partitionKey`.
      return [...ranges].map(([key, range]) => ({ partition: Number(key.slice(full.length + 1)), ...range }));
    },
    deadLetters: (service) =>
      findDeadLetters(service, prefix, (group, names) => {
        const client = newClient(tuning.fetchRequestTimeoutMs);
        return readTopics({ client, broker, tuning }, group, names);
      }),
    redrive: (letter) => redrive(letter, prefix, failures),
    async close() {
      await Promise.all(clients.map((client) => client.stop()));
      await failures.close();
      await broker.close();
    },
  };
}

/** Settings as `kafkaSettings` of @waybill/config reads them. */
export interface KafkaSettings {
  readonly KAFKA_BROKERS: string;
  readonly SCHEMA_REGISTRY_URL: string;
  readonly TOPIC_PREFIX: string;
}

/** Creates the port of a process from its settings. */
export function kafkaFromSettings(
  settings: KafkaSettings,
  options: Omit<KafkaOptions, 'brokers' | 'registryUrl' | 'prefix'>,
): Kafka {
  return createKafka({
    ...options,
    brokers: settings.KAFKA_BROKERS,
    registryUrl: settings.SCHEMA_REGISTRY_URL,
    prefix: settings.TOPIC_PREFIX,
  });
}

/** Throws outside of any promise, so that it ends the process as any other uncaught error does. */
function throwUncaught(cause: ExportError): void {
  setImmediate(() => {
    throw cause;
  });
}
