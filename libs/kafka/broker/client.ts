import type { Logger } from '@waybill/observability';
import { Kafka as Client, logLevel, type LogEntry } from 'kafkajs';

export interface ClientOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly logger: Logger;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** Longest wait between two tries to reach a broker: so late is its return noticed. */
const longestReconnectMs = 5_000;

/**
 * A client of its own for each consumer, producer and admin: kafkajs shares the committed offsets of a group among all
 * consumers of one client.
 */
export function createClient(options: ClientOptions): Client {
  return new Client({
    clientId: options.clientId,
    brokers: [...options.brokers],
    connectionTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    retry: { initialRetryTime: 200, maxRetryTime: longestReconnectMs, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => writeEntry(options.logger, entry),
  });
}

export function brokerList(brokers: string): readonly string[] {
  return brokers
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

/** What kafkajs calls an error is mostly its next try, and what is one to us we log where we meet it. */
function writeEntry(logger: Logger, { namespace, label, log }: LogEntry): void {
  logger.debug({ namespace, level: label, detail: log.message }, 'the Kafka client reports');
}
