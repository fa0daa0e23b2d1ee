import { ExportError } from '@waybill/errors';
import {
  CompressionTypes,
  Partitioners,
  type Kafka as Client,
  type Producer,
  type ProducerBatch,
} from 'kafkajs';
import pLimit from 'p-limit';
import { backoffMs, pause } from '../broker/backoff.ts';
import { within } from '../broker/timeout.ts';
import { unavailable } from '../wire/errors.ts';
import { grouped } from './send-batcher.ts';
import type { RawHeaders } from '../wire/headers.ts';
import type { Tuning } from '../types/tuning.ts';

/** A message whose bytes are ready; topic with its prefix. */
export interface BytesMessage {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: RawHeaders;
  /** ms since the epoch. */
  readonly timestamp: number;
  readonly gzip: boolean;
}

/** Sends bytes and waits for the acknowledgement of all in-sync replicas. */
export interface BytesProducer {
  /**
   * @throws ExportError SERVICE_UNAVAILABLE after `sendTimeoutMs` at the latest; the message may still arrive.
   * @throws ExportError EXPORT_BATCH_TOO_LARGE (no retry helps) if it is larger than its topic allows.
   */
  send(message: BytesMessage): Promise<void>;
  /** Disconnects; sends in flight fail. The next send connects again. */
  close(): Promise<void>;
}

/** First and longest wait between tries of one send. A new topic or leader is found within some 100 ms. */
const retryFromMs = 50;
const retryToMs = 1_000;

/** Larger messages travel alone: a request is for what is small and many. */
const largestGrouped = 16_384;

type ProducerTuning = Pick<Tuning, 'sendTimeoutMs' | 'maximumSendsInFlight'>;

/**
 * Not idempotent: kafkajs' idempotent mode uses a sequence number again after a lost response, and the broker then
 * drops a message that it acknowledges (semantics, "Producing"). So a send may arrive twice, and consumers dedupe.
 */
export function createBytesProducer(client: Client, tuning: ProducerTuning): BytesProducer {
  const producer = client.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
    // The tries are ours (`sendNow`), so that none begins when the caller has gone.
    retry: { retries: 0 },
  });
  const limit = pLimit(tuning.maximumSendsInFlight);
  const connection = lazyConnection(producer);

  const sendAll = async (messages: readonly BytesMessage[]) => {
    await connection.open();
    await producer.sendBatch(toRequest(messages, tuning.sendTimeoutMs));
  };
  const sendTogether = grouped(sendAll);
  /** Tries until it succeeds or the caller has gone: what is sent then would come after what the caller sends next. */
  const sendNow = async (message: BytesMessage, late: AbortSignal) => {
    for (let failures = 1; ; failures += 1) {
      late.throwIfAborted();
      // What failed in company is tried alone: the fault may be another's.
      const together = failures === 1 && isSmall(message);
      try {
        await (together ? sendTogether(message, late) : sendAll([message]));
        return;
      } catch (error) {
        if (
          (isTooLarge(error) && !together) ||
          !(await pause(backoffMs(failures, retryFromMs, retryToMs), late))
        ) {
          throw error;
        }
      }
    }
  };
  const sendInTime = (message: BytesMessage) =>
    within(tuning.sendTimeoutMs, 'The acknowledgement of the broker', (late) =>
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

/** Messages of one request, which are all compressed or all not. kafkajs puts those of one topic together. */
function toRequest(messages: readonly BytesMessage[], timeoutMs: number): ProducerBatch {
  return {
    acks: -1,
    timeout: timeoutMs,
    compression: messages.some((message) => message.gzip) ? CompressionTypes.GZIP : CompressionTypes.None,
    topicMessages: messages.map(({ topic, key, value, headers, timestamp }) => ({
      topic,
      messages: [{ key, value, headers: { ...headers }, timestamp: String(timestamp) }],
    })),
  };
}

function isSmall({ value, gzip }: BytesMessage): boolean {
  return !gzip && (value?.length ?? 0) <= largestGrouped;
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

/** The broker's name of what went wrong, which kafkajs may have wrapped as a cause. */
function brokerErrorType(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('type' in error && typeof error.type === 'string') return error.type;
  return 'cause' in error ? brokerErrorType(error.cause) : undefined;
}

/** Connects with the first use, and again after a failure. */
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
