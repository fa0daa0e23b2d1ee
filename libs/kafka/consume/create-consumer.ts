import type { Logger } from '@waybill/observability';
import { retryDelays, retryTopic, type ConsumingService, type Topic } from '@waybill/schemas';
import type { Kafka as Client } from 'kafkajs';
import type { BrokerAdmin } from '../broker/broker-admin.ts';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import type { Codec } from '../wire/codec.ts';
import { GroupConsumer } from './group-consumer.ts';
import type { RetryPolicy } from './decision.ts';
import { MessageProcessor } from './message-processor.ts';
import { LagMeter } from './lag.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { DeadLetterPublisher } from '../dead-letter/publisher.ts';
import type { Tuning } from '../types/tuning.ts';
import type { ConsumerOptions, EventConsumer } from '../types/consumer.ts';
import type { KafkaOptions } from '../types/kafka.ts';

export interface CreateConsumerDeps {
  readonly client: Client;
  readonly broker: BrokerAdmin;
  /** For retries and dead letters. */
  readonly producer: BytesProducer;
  readonly codec: Codec;
  readonly metrics: KafkaMetrics;
  readonly tuning: Tuning;
  readonly logger: Logger;
  readonly prefix: string;
  readonly onFatal: NonNullable<KafkaOptions['onFatal']>;
}

/** Creates a consumer of its group and the measurement of its lag. */
export function createConsumer<T extends Topic>(
  deps: CreateConsumerDeps,
  options: ConsumerOptions<T>,
): EventConsumer {
  const { client, broker, producer, codec, metrics, tuning, prefix, onFatal } = deps;
  const logger = deps.logger.child({ group: options.group });
  const { group, service, topics, onAssigned } = options;
  const now = () => Date.now();
  const reader = { group, service, prefix, topics };
  const groupId = `${prefix}${group}`;
  const policy = policyOf(options);
  const deadLetters = new DeadLetterPublisher({
    options,
    producer,
    prefix,
    delaysMs: delays(tuning),
    metrics,
    limits: tuning,
    now,
  });
  const processor = new MessageProcessor({
    options,
    deadLetters,
    policy,
    codec,
    metrics,
    limits: tuning,
    logger,
    now,
  });
  const consumer = new GroupConsumer({
    consumer: client.consumer({
      groupId,
      allowAutoTopicCreation: false,
      sessionTimeout: tuning.sessionTimeoutMs,
      rebalanceTimeout: tuning.rebalanceTimeoutMs,
      heartbeatInterval: tuning.heartbeatIntervalMs,
      maxWaitTimeInMs: tuning.fetchWaitMs,
      maxBytesPerPartition: tuning.fetchBytesPerPartition,
    }),
    subscription: subscriptionOf(service, topics, policy).map((topic) => `${prefix}${topic}`),
    batches: { reader, processor, commitEveryMs: tuning.commitEveryMs, limits: tuning, now },
    startOffsets: { broker, groupId, reader, onAssigned, logger },
    metrics,
    tuning,
    logger,
    onFatal,
  });
  const meter = new LagMeter({
    held: () => consumer.held(),
    reader,
    broker,
    metrics,
    logger,
    everyMs: tuning.lagEveryMs,
    now,
  });
  return {
    ready: () => consumer.ready(),
    start: () => {
      meter.start();
      return consumer.start();
    },
    stop: () => {
      meter.stop();
      return consumer.stop();
    },
  };
}

function policyOf(options: Pick<ConsumerOptions<Topic>, 'retry'>): RetryPolicy {
  if (options.retry.kind === 'in-place') return options.retry;
  return { kind: 'delayed', delayNames: retryDelays.map(({ name }) => name) };
}

function delays(tuning: Tuning): ReadonlyMap<string, number> {
  return new Map(retryDelays.map(({ name, delayMs }) => [name, tuning.retryDelaysMs[name] ?? delayMs]));
}

function subscriptionOf(
  service: ConsumingService,
  topics: readonly Topic[],
  policy: RetryPolicy,
): readonly string[] {
  if (policy.kind === 'in-place') return topics;
  return [...topics, ...policy.delayNames.map((name) => retryTopic(service, name))];
}
