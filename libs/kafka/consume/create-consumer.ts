import type { Logger } from '@waybill/observability';
import { redrivableServices, retryTopic, type Topic } from '@waybill/schemas';
import kafkajs, { type Kafka as Client } from 'kafkajs';
import type { BrokerAdmin } from '../broker/broker-admin.ts';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import type { Codec } from '../wire/codec.ts';
import { GroupConsumer } from './group-consumer.ts';
import { MessageProcessor } from './message-processor.ts';
import { LagMeter } from './lag.ts';
import { createStickyAssigner } from './sticky-assigner.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { DeadLetterPublisher } from '../dead-letter/publisher.ts';
import type { Tuning } from '../types/tuning.ts';
import type { ConsumerOptions, EventConsumer } from '../types/consumer.ts';

export interface CreateConsumerDeps {
  readonly client: Client;
  readonly broker: BrokerAdmin;
  /** For dead letters. */
  readonly producer: BytesProducer;
  readonly codec: Codec;
  readonly metrics: KafkaMetrics;
  readonly tuning: Tuning;
  readonly logger: Logger;
  readonly prefix: string;
}

/** Creates a consumer of its group and the measurement of its lag. */
export function createConsumer<T extends Topic>(
  deps: CreateConsumerDeps,
  options: ConsumerOptions<T>,
): EventConsumer {
  const { client, broker, producer, codec, metrics, tuning, prefix } = deps;
  const logger = deps.logger.child({ group: options.group });
  const { group, service, topics, onAssigned, onRevoked } = options;
  const now = () => Date.now();
  const reader = { group, service, prefix, topics };
  const groupId = `${prefix}${group}`;
  const deadLetters = new DeadLetterPublisher({
    options,
    producer,
    prefix,
    metrics,
    limits: tuning,
    now,
  });
  const processor = new MessageProcessor({
    options,
    deadLetters,
    codec,
    metrics,
    limits: tuning,
    logger,
    now,
  });
  const sticky = createStickyAssigner(now);
  const member = client.consumer({
    groupId,
    allowAutoTopicCreation: false,
    // The group uses round robin while a member does not know the first, as in a rolling upgrade.
    partitionAssigners: [sticky.assigner, kafkajs.PartitionAssigners.roundRobin],
    sessionTimeout: tuning.sessionTimeoutMs,
    rebalanceTimeout: tuning.rebalanceTimeoutMs,
    heartbeatInterval: tuning.heartbeatIntervalMs,
    maxWaitTimeInMs: tuning.fetchWaitMs,
    maxBytesPerPartition: tuning.fetchBytesPerPartition,
  });
  member.on(member.events.GROUP_JOIN, ({ payload }) => sticky.joined(payload.memberAssignment));
  const consumer = new GroupConsumer({
    consumer: member,
    subscription: subscriptionOf(options).map((topic) => `${prefix}${topic}`),
    batches: { reader, processor, commitEveryMs: tuning.commitEveryMs, limits: tuning, metrics, logger, now },
    startOffsets: { broker, groupId, reader, onAssigned, onRevoked, metrics, logger },
    metrics,
    tuning,
    logger,
  });
  const meter = new LagMeter({
    held: () => consumer.held(),
    reader,
    groupId,
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

function subscriptionOf({
  topics,
  service,
  redriven,
}: Pick<ConsumerOptions<Topic>, 'topics' | 'service' | 'redriven'>): readonly string[] {
  const retried = redriven === true ? redrivableServices.filter((one) => one === service) : [];
  return [...topics, ...retried.map(retryTopic)];
}
