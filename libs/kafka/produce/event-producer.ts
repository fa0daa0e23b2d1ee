import { ExportError } from '@waybill/errors';
import type { Topic, TopicEvents } from '@waybill/schemas';
import { backoffMs, pause } from '../broker/backoff.ts';
import type { BytesProducer } from './bytes-producer.ts';
import type { Codec } from '../wire/codec.ts';
import { within } from '../broker/timeout.ts';
import { unavailable } from '../wire/errors.ts';
import { eventHeaders } from '../wire/headers.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { compressed } from '../broker/topic-settings.ts';
import type { EventProducer, OutgoingEvent } from '../types/types.ts';

/**
 * Few messages share a batch, if any: below this, gzip costs the sender more than it saves on the wire. It took
 * 3.7 s of the 46 busy seconds in a profile of intake that accepted 4,000 exports.
 */
const smallestCompressed = 4_096;

export interface ProducerParts {
  readonly bytes: BytesProducer;
  readonly codec: Codec;
  readonly metrics: KafkaMetrics;
  readonly prefix: string;
  /** Name of the service, for the CloudEvents source. */
  readonly source: string;
  readonly sendTimeoutMs: number;
}

/** First and longest wait between tries to reach the registry within one send. */
const registryRetry = { fromMs: 100, toMs: 1_000 };

/** A producer of typed events over one of bytes. */
export function createEventProducer(parts: ProducerParts): EventProducer {
  const inFlight = new Set<Promise<void>>();
  let stopped = false;
  return {
    async send(topic, message) {
      if (stopped) throw unavailable(new Error('The producer has been stopped; create another one.'));
      const sent = sendEvent(parts, topic, message);
      inFlight.add(sent);
      try {
        await sent;
      } finally {
        inFlight.delete(sent);
      }
    },
    async stop() {
      stopped = true;
      await Promise.allSettled(inFlight);
      await parts.bytes.close();
    },
  };
}

async function sendEvent<T extends Topic>(
  parts: ProducerParts,
  topic: T,
  message: OutgoingEvent<TopicEvents[T]>,
): Promise<void> {
  const { bytes, codec, metrics, prefix, source, sendTimeoutMs } = parts;
  const stopTimer = metrics.produceSeconds.startTimer({ topic });
  try {
    const value = await within(sendTimeoutMs, 'The answer of the registry', (late) =>
      encode(codec, topic, message, late),
    );
    await bytes.send({
      topic: `${prefix}${topic}`,
      key: message.key,
      value,
      headers: eventHeaders(message, { source, subject: subjectOf(message) }),
      timestamp: message.at,
      gzip: compressed(topic) && value.length >= smallestCompressed,
    });
    stopTimer();
  } catch (error) {
    metrics.produceFailures.inc({ topic });
    throw error;
  }
}

async function encode<T extends Topic>(
  codec: Codec,
  topic: T,
  message: OutgoingEvent<TopicEvents[T]>,
  late: AbortSignal,
): Promise<Buffer> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await codec.encode(topic, message.event);
    } catch (error) {
      if (!(error instanceof ExportError) || !error.retryable) throw error;
      if (!(await pause(backoffMs(failures, registryRetry.fromMs, registryRetry.toMs), late))) throw error;
    }
  }
}

/** The job that the event is about; the key where it is about none. */
function subjectOf(message: OutgoingEvent<TopicEvents[Topic]>): string {
  return message.event.job_id ?? message.key;
}
