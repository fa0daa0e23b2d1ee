import { ExportError } from '@waybill/errors';
import { createBrokerAdmin } from './broker/broker-admin.ts';
import { createConsumer } from './consume/create-consumer.ts';
import { createBytesProducer } from './produce/bytes-producer.ts';
import { brokerList, createClient } from './broker/client.ts';
import { createCodec } from './wire/codec.ts';
import { ensureTopics } from './broker/ensure-topics.ts';
import { createKafkaMetrics } from './metrics.ts';
import { createEventProducer } from './produce/event-producer.ts';
import { findDeadLetters, redrive } from './dead-letter/redrive.ts';
import { readTopics } from './broker/read-topic.ts';
import { securityFromSettings, type KafkaSecuritySettings } from './broker/security.ts';
import { createRegistryClient } from './wire/registry-client.ts';
import { defaultTuning } from './types/tuning.ts';
import type { Credentials, Kafka, KafkaOptions } from './types/kafka.ts';

/** Creates the port to one cluster and its registry. It connects with its first use. */
export function createKafka(options: KafkaOptions): Kafka {
  const { clientId, logger, prefix = '' } = options;
  const tuning = { ...defaultTuning, ...options.tuning };
  const metrics = createKafkaMetrics(options.metrics);
  const registry = { ...options, url: options.registryUrl, timeoutMs: tuning.registryTimeoutMs };
  const codec = createCodec(createRegistryClient(registry), prefix);
  const newClient = (requestTimeoutMs: number) =>
    createClient({
      brokers: brokerList(options.brokers),
      security: options.security ?? { tls: false },
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
        { client, broker, producer: failures, codec, metrics, tuning, logger, prefix },
        consumerOptions,
      );
      clients.push(consumer);
      return consumer;
    },
    ensureTopics: (topicOptions) => ensureTopics(broker, { prefix, ...topicOptions }, logger),
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
export interface KafkaSettings extends KafkaSecuritySettings {
  readonly KAFKA_BROKERS: string;
  readonly SCHEMA_REGISTRY_URL: string;
  readonly SCHEMA_REGISTRY_USERNAME?: string | undefined;
  readonly SCHEMA_REGISTRY_PASSWORD?: string | undefined;
  readonly SCHEMA_REGISTRY_TIMEOUT_MS: number;
  readonly TOPIC_PREFIX: string;
  readonly KAFKA_SEND_TIMEOUT_MS: number;
  readonly KAFKA_SESSION_TIMEOUT_MS: number;
}

/**
 * Creates the port of a process from its settings.
 * @throws ExportError CONFIGURATION_INVALID if credentials are incomplete.
 */
export function kafkaFromSettings(
  settings: KafkaSettings,
  options: Pick<KafkaOptions, 'clientId' | 'logger' | 'metrics'>,
): Kafka {
  return createKafka({
    ...options,
    brokers: settings.KAFKA_BROKERS,
    security: securityFromSettings(settings),
    registryUrl: settings.SCHEMA_REGISTRY_URL,
    registryCredentials: registryCredentials(settings),
    prefix: settings.TOPIC_PREFIX,
    tuning: {
      sendTimeoutMs: settings.KAFKA_SEND_TIMEOUT_MS,
      // Shorter than the send, as by default.
      produceRequestTimeoutMs: settings.KAFKA_SEND_TIMEOUT_MS * 0.8,
      sessionTimeoutMs: settings.KAFKA_SESSION_TIMEOUT_MS,
      registryTimeoutMs: settings.SCHEMA_REGISTRY_TIMEOUT_MS,
    },
  });
}

function registryCredentials(settings: KafkaSettings): Credentials | undefined {
  const { SCHEMA_REGISTRY_USERNAME: username, SCHEMA_REGISTRY_PASSWORD: password } = settings;
  if (username === undefined && password === undefined) return undefined;
  if (username !== undefined && password !== undefined) return { username, password };
  throw new ExportError('CONFIGURATION_INVALID', {
    params: {
      reason: 'SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD are set together or not at all',
    },
  });
}
