import { ExportError } from '@waybill/errors';
import type { Topic, TopicEvents } from '@waybill/schemas';
import { backoffMs, pause } from '../broker/backoff.ts';
import type { BytesProducer } from './bytes-producer.ts';
import type { Codec } from '../wire/codec.ts';
import { withTimeout } from '../broker/timeout.ts';
import { unavailable } from '../wire/errors.ts';
import { eventHeaders } from '../wire/headers.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { EventProducer, OutgoingEvent } from '../types/producer.ts';

/**
 * Topics whose messages are sent with gzip, as measured (README.md): requests with a long id list shrink to 54 %,
 * completed events, which are kept 100 days, to 68 %. Batches are ciphertext and do not shrink; progress and activity
 * are too short.
 */
const compressedTopics: readonly Topic[] = ['export.requested', 'export.requested.bulk', 'export.completed'];

/**
 * In bytes. Few messages share a batch, so gzip of a smaller message costs the sender more than it saves on the network:
 * 3.7 s of 46 busy seconds in a profile of intake that accepted 4,000 exports.
 */
const minimumCompressedBytes = 4_096;

export interface EventProducerDeps {
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

/** Creates a producer of typed events over a producer of bytes. */
export function createEventProducer(deps: EventProducerDeps): EventProducer {
  const inFlight = new Set<Promise<void>>();
  let stopped = false;
  return {
    async send(topic, message) {
      if (stopped) throw unavailable(new Error('The producer has been stopped; create another one.'));
      const sent = sendEvent(deps, topic, message);
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
      await deps.bytes.close();
    },
  };
}

async function sendEvent<T extends Topic>(
  deps: EventProducerDeps,
  topic: T,
  message: OutgoingEvent<TopicEvents[T]>,
): Promise<void> {
  const { bytes, codec, metrics, prefix, source, sendTimeoutMs } = deps;
  const stopTimer = metrics.produceSeconds.startTimer({ topic });
  try {
    const value = await withTimeout(sendTimeoutMs, 'The answer of the registry', (late) =>
      encode(codec, topic, message, late),
    );
    await bytes.send({
      topic: `${prefix}${topic}`,
      key: message.key,
      ...(message.partition === undefined ? {} : { partition: message.partition }),
      value,
      headers: eventHeaders(message, { source, subject: subjectOf(message) }),
      timestamp: message.at,
      gzip: compressedTopics.includes(topic) && value.length >= minimumCompressedBytes,
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

/** Returns the job of the event; the key of an event without a job. */
function subjectOf(message: OutgoingEvent<TopicEvents[Topic]>): string {
  return message.event.job_id ?? message.key;
}
