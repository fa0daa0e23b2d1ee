import type { ExportError } from '@waybill/errors';
import { deadLetterTopic, retryTopic, type ConsumingService } from '@waybill/schemas';
import type { BytesProducer } from '../produce/bytes-producer.ts';
import type { TextHeaders } from '../wire/headers.ts';
import type { Incoming } from '../wire/incoming.ts';
import { dueHeaders, redeliveryHeaders } from '../wire/retry-headers.ts';

/** Why a message leaves its partition, and after how many deliveries. */
export interface Failure {
  readonly cause: ExportError;
  readonly deliveries: number;
}

/** Puts messages that failed where they wait: the retry topics and the dead-letter topic of a service. */
export interface Shelf {
  /** @throws ExportError SERVICE_UNAVAILABLE if the broker does not acknowledge. */
  forward(incoming: Incoming, failure: Failure, delayName: string): Promise<void>;
  /** @throws ExportError SERVICE_UNAVAILABLE if the broker does not acknowledge. */
  bury(incoming: Incoming, failure: Failure): Promise<void>;
}

export interface ShelfParts {
  readonly producer: BytesProducer;
  readonly service: ConsumingService;
  readonly prefix: string;
  /** Delay by its name, in ms. */
  readonly delaysMs: ReadonlyMap<string, number>;
  readonly now: () => number;
}

/** Key, value and headers stay as they were, byte for byte; the port's headers come beside them. */
export function createShelf({ producer, service, prefix, delaysMs, now }: ShelfParts): Shelf {
  const put = (incoming: Incoming, failure: Failure, topic: string, at: number, more: TextHeaders) => {
    const origin = { ...incoming.origin, deliveries: failure.deliveries };
    return producer.send({
      topic: `${prefix}${topic}`,
      key: incoming.key,
      value: incoming.value,
      headers: { ...incoming.rawHeaders, ...redeliveryHeaders(origin, failure.cause, at), ...more },
      // Not the original's time: retention counts from here.
      timestamp: at,
      gzip: false,
    });
  };
  return {
    forward: (incoming, failure, delayName) => {
      const at = now();
      const due = dueHeaders(at + (delaysMs.get(delayName) ?? 0));
      return put(incoming, failure, retryTopic(service, delayName), at, due);
    },
    bury: (incoming, failure) => put(incoming, failure, deadLetterTopic(service), now(), {}),
  };
}
