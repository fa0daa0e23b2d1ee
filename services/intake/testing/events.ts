import { done, type EventMessage, type Kafka } from '@waybill/kafka';
import type { Topic, TopicEvents } from '@waybill/schemas';
import { uniqueName } from '@waybill/testbed';

/** The messages of some topics, as another service sees them. */
export interface Collected<T extends Topic> extends AsyncDisposable {
  readonly messages: readonly EventMessage<TopicEvents[T], T>[];
}

/** Reads topics from their beginning until it is disposed of. */
export function collect<T extends Topic>(kafka: Kafka, ...topics: readonly T[]): Collected<T> {
  const messages: EventMessage<TopicEvents[T], T>[] = [];
  const consumer = kafka.createConsumer<T>({
    group: uniqueName('test'),
    service: 'resolver',
    topics,
    handler: (message) => {
      // A message of one of the topics: the union over T says the same as this type.
      messages.push(message as EventMessage<TopicEvents[T], T>);
      return Promise.resolve(done());
    },
    retry: { tries: 1, fromMs: 10, toMs: 10 },
  });
  const started = consumer.start();
  return {
    messages,
    async [Symbol.asyncDispose]() {
      await consumer.stop();
      await started;
    },
  };
}
