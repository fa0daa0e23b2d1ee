import { ExportError } from '@waybill/errors';
import {
  CompressionTypes,
  Partitioners,
  type ICustomPartitioner,
  type Kafka as Client,
  type Producer,
  type ProducerBatch,
} from 'kafkajs';
import pLimit from 'p-limit';
import { backoffMs, pause } from '../broker/backoff.ts';
import { withTimeout } from '../broker/timeout.ts';
import { unavailable } from '../wire/errors.ts';
import { batchSends } from './send-batcher.ts';
import type { RawHeaders } from '../types/dead-letter.ts';
import type { Tuning } from '../types/tuning.ts';

/** A message in bytes; its topic has the prefix. */
export interface BytesMessage {
  readonly topic: string;
  readonly key: Buffer | string | null;
  /** A hash of the key decides if it is left out. */
  readonly partition?: number;
  readonly value: Buffer | null;
  readonly headers: RawHeaders;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly gzip: boolean;
}

/** Sends messages in bytes. */
export interface BytesProducer {
  /**
   * Resolves when all in-sync replicas have the message.
   * @throws ExportError SERVICE_UNAVAILABLE after `sendTimeoutMs` at the latest; the message may still arrive.
   * @throws ExportError EXPORT_BATCH_TOO_LARGE (no retry helps) if it is larger than its topic allows.
   */
  send(message: BytesMessage): Promise<void>;
  /** Disconnects; sends in flight fail. The next send connects again. */
  close(): Promise<void>;
}

/** First and longest wait between tries of one send. A new topic or leader is found within about 100 ms. */
const retryFromMs = 50;
const retryToMs = 1_000;

/** In bytes. Larger messages are sent alone: only small messages gain from sharing a request. */
const maximumBatchedBytes = 16_384;

type ProducerTuning = Pick<Tuning, 'sendTimeoutMs' | 'maximumSendsInFlight'>;

/**
 * Creates a producer that is not idempotent: kafkajs' idempotent mode reuses a sequence number after a lost response, and
 * the broker then drops a message that it acknowledges (semantics, "Producing"). A send may arrive twice; consumers
 * recognise repeats.
 */
export function createBytesProducer(client: Client, tuning: ProducerTuning): BytesProducer {
  const producer = client.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner,
    // `sendNow` retries instead, so that no try starts after its caller has timed out.
    retry: { retries: 0 },
  });
  const limit = pLimit(tuning.maximumSendsInFlight);
  const connection = lazyConnection(producer);

  const sendAll = async (messages: readonly BytesMessage[]) => {
    await connection.open();
    await producer.sendBatch(toRequest(messages, tuning.sendTimeoutMs));
  };
  const sendBatched = batchSends(sendAll);
  /** Retries until it succeeds or its caller times out: a later try could arrive after the caller's next message. */
  const sendNow = async (message: BytesMessage, late: AbortSignal) => {
    for (let failures = 1; ; failures += 1) {
      late.throwIfAborted();
      // A message that failed in a batch is tried alone: another message may have caused the failure.
      const batched = failures === 1 && isSmall(message);
      try {
        await (batched ? sendBatched(message, late) : sendAll([message]));
        return;
      } catch (error) {
        if (
          (isTooLarge(error) && !batched) ||
          !(await pause(backoffMs(failures, retryFromMs, retryToMs), late))
        ) {
          throw error;
        }
      }
    }
  };
  const sendInTime = (message: BytesMessage) =>
    withTimeout(tuning.sendTimeoutMs, 'The acknowledgement of the broker', (late) =>
      limit(() => sendNow(message, late)),
    );

  return {
    async send(message) {
      try {
        await sendInTime(message);
      } catch (error) {
        throw toExportError(error, message);
      }
    },
    close: () => connection.close(),
  };
}

/** Builds one request; its messages are all compressed or all not. kafkajs combines those of one topic. */
function toRequest(messages: readonly BytesMessage[], timeoutMs: number): ProducerBatch {
  return {
    acks: -1,
    timeout: timeoutMs,
    compression: messages.some((message) => message.gzip) ? CompressionTypes.GZIP : CompressionTypes.None,
    topicMessages: messages.map(({ topic, key, partition, value, headers, timestamp }) => ({
      topic,
      messages: [
        {
          key,
          ...(partition === undefined ? {} : { partition }),
          value,
          headers: { ...headers },
          timestamp: String(timestamp),
        },
      ],
    })),
  };
}

/**
 * Creates a partitioner that rejects a partition which is not in the client's metadata. kafkajs would report such a message
 * as sent, and not send it. After this error it fetches the metadata again, so that the next try finds a new partition.
 */
const createPartitioner: ICustomPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  return (choice) => {
    const partition = choose(choice);
    if (choice.partitionMetadata.some(({ partitionId }) => partitionId === partition)) return partition;
    const unknown = new Error(`The topic ${choice.topic} has no partition ${partition}.`);
    throw Object.assign(unknown, { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  };
};

function isSmall({ value, gzip }: BytesMessage): boolean {
  return !gzip && (value?.length ?? 0) <= maximumBatchedBytes;
}

function toExportError(error: unknown, message: BytesMessage): ExportError {
  if (error instanceof ExportError) return error;
  if (!isTooLarge(error)) return unavailable(error);
  return new ExportError('EXPORT_BATCH_TOO_LARGE', {
    params: { bytes: message.value?.length ?? 0 },
    cause: error,
  });
}

function isTooLarge(error: unknown): boolean {
  return brokerErrorType(error) === 'MESSAGE_TOO_LARGE';
}

/** Returns the broker's name of an error, which kafkajs may have wrapped as a cause. */
function brokerErrorType(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'cause' in error ? brokerErrorType(error.cause) : undefined;
}

/** Returns a connection that opens with its first use, and again after a failure. */
function lazyConnection(producer: Producer) {
  let opening: Promise<void> | undefined;
  return {
    async open(): Promise<void> {
      opening ??= producer.connect();
      try {
        await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
    },
    async close(): Promise<void> {
      const opened = opening;
      opening = undefined;
      if (opened === undefined) return;
      await opened.catch(() => undefined);
      await producer.disconnect();
    },
  };
}
