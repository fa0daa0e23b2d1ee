export { eventId } from './produce/event-id.ts';
export { createKafka } from './kafka.ts';
export { deadLetter, done, hold, retry, rewind, skip, type Outcome } from './types/outcome.ts';
export { activityEntry, activityEvent, type ActivityFacts } from './produce/activity-event.ts';
export type { DeadLetter } from './dead-letter/redrive.ts';
export { replay, type ReplayOptions, type ReplayReport } from './consume/replay.ts';
export { defaultTuning, type Tuning } from './types/tuning.ts';
export { inPlaceRetry } from './types/types.ts';
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
} from './types/types.ts';
