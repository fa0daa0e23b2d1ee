export { eventId } from './event-id.ts';
export { createKafka } from './kafka.ts';
export { deadLetter, done, hold, retry, rewind, skip, type Outcome } from './outcome.ts';
export { activityEntry, activityEvent, type ActivityFacts } from './produce/activity-event.ts';
export type { DeadLetter } from './redrive.ts';
export { replay, type ReplayOptions, type ReplayReport } from './replay.ts';
export { defaultTuning, type Tuning } from './tuning.ts';
export { inPlaceRetry } from './types.ts';
export type {
  ConsumerOptions,
  EventConsumer,
  EventMessage,
  EventProducer,
  Handler,
  HandlerContext,
  Kafka,
  KafkaOptions,
  MessageOf,
  OutgoingEvent,
  PartitionRange,
  RetryDelayed,
  RetryInPlace,
  TopicPartition,
  TopicPosition,
  UnreadMessage,
} from './types.ts';
