import type { Logger } from '@waybill/observability';
import { clientSecurity, type KafkaSecurity } from './security.ts';
import { Kafka as Client, logLevel, type LogEntry } from 'kafkajs';

export interface ClientOptions {
  readonly brokers: readonly string[];
  readonly security: KafkaSecurity;
  readonly clientId: string;
  readonly logger: Logger;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** Longest wait between two tries to reach a broker, so its return is noticed within this time. */
const longestReconnectMs = 5_000;

/**
 * Creates a kafkajs client. Each consumer, producer and admin needs its own: kafkajs shares the committed offsets of a
 * group among all consumers of one client.
 */
export function createClient(options: ClientOptions): Client {
  return new Client({
    clientId: options.clientId,
    brokers: [...options.brokers],
    ...clientSecurity(options.security),
    connectionTimeout: options.connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs,
    retry: { initialRetryTime: 200, maxRetryTime: longestReconnectMs, retries: 5 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => writeEntry(options.logger, entry),
  });
}

/** Splits a list of brokers at its commas. */
export function brokerList(brokers: string): readonly string[] {
  return brokers
    .split(',')
    .map((broker) => broker.trim())
    .filter((broker) => broker !== '');
}

/** Logs at debug level: kafkajs reports each retry as an error, and the callers log the errors that matter. */
function writeEntry(logger: Logger, { namespace, label, log }: LogEntry): void {
  logger.debug({ namespace, level: label, detail: log.message }, 'Kafka client reported');
}
