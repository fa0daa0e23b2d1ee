export type * from './generated/events.ts';
export { loadSchema, type AvroJson } from './load.ts';
export { registerSchema, registerSchemas, type RegisteredSchema, type RegisterOptions } from './register.ts';
export {
  deadLetterTopic,
  jobTopics,
  redrivableServices,
  retryTopic,
  serviceTopics,
  topics,
  type ConsumingService,
  type RedrivableService,
  type ServiceTopicSettings,
  type Topic,
  type TopicEvents,
  type TopicSettings,
} from './topics.ts';
