export { replay, type ReplayOptions, type ReplayReport } from './consume/replay.ts';
export { createKafka, kafkaFromSettings, type KafkaSettings } from './kafka.ts';
export { securityFromSettings, type KafkaSecuritySettings } from './broker/security.ts';
export { activityEntry, activityEvent, type ActivityFacts } from './produce/activity-event.ts';
export { eventId } from './produce/event-id.ts';
export {
  type ConsumerOptions,
  type EventConsumer,
  type EventMessage,
  type Handler,
  type HandlerContext,
  type MessageOf,
  type RetryInPlace,
  type TopicPartition,
  type UnreadMessage,
} from './types/consumer.ts';
export type { DeadLetter } from './types/dead-letter.ts';
export type { Kafka, KafkaOptions, PartitionRange } from './types/kafka.ts';
export { deadLetter, done, hold, retry, rewind, skip, type Outcome } from './types/outcome.ts';
export type { EventProducer, OutgoingEvent } from './types/producer.ts';
export { defaultTuning, type Tuning } from './types/tuning.ts';
export { encodedBytes } from './wire/codec.ts';
