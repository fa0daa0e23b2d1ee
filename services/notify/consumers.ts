import type { EventConsumer } from '@waybill/kafka';
import type { Connections } from './connections.ts';
import { createForwarding } from './outbound/forwarder.ts';
import { createHandler, type HandlerParts, type Tell } from './handler.ts';

export interface Consumers {
  readonly tell: Tell;
  start(): Promise<void>;
  stop(): Promise<void>;
  ready(): boolean;
}

/** Two groups: those who are told of an export, and, where another system is set, the product events for it. */
export function createConsumers(parts: HandlerParts, { kafka, forwarder }: Connections): Consumers {
  const tell = createHandler(parts);
  const told = kafka.createConsumer({
    group: 'waybill.notify',
    service: 'notify',
    topics: ['export.completed'],
    handler: tell,
    retry: { kind: 'delayed' },
  });
  const all: EventConsumer[] = [told];
  if (forwarder !== undefined) {
    all.push(
      kafka.createConsumer({
        group: 'waybill.notify.activity',
        service: 'notify',
        topics: ['export.activity'],
        handler: createForwarding({ ...parts, forwarder }),
        retry: { kind: 'delayed' },
      }),
    );
  }
  return {
    tell,
    start: async () => {
      await Promise.all(all.map((consumer) => consumer.start()));
    },
    stop: async () => {
      await Promise.all(all.map((consumer) => consumer.stop()));
    },
    ready: () => all.every((consumer) => consumer.ready()),
  };
}
