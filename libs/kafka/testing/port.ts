import { createMetrics, type Metrics, silentLogger } from '@waybill/observability';
import { RawBroker, sharedAddresses, uniqueName } from '@waybill/testbed';
import type { Topic } from '@waybill/schemas';
import {
  createKafka,
  type ConsumerOptions,
  type EventConsumer,
  type EventProducer,
  type Kafka,
  type Tuning,
} from '../index.ts';

export interface PortOptions {
  readonly brokers?: string;
  readonly registryUrl?: string;
  readonly tuning?: Partial<Tuning>;
}

/** The port of one test, under a prefix of its own. */
export interface Port extends AsyncDisposable {
  readonly prefix: string;
  readonly kafka: Kafka;
  readonly producer: EventProducer;
  readonly metrics: Metrics;
  /** Another client of the same broker. */
  readonly raw: RawBroker;
  /** Creates the port of a second process of the same installation. */
  another(tuning?: Partial<Tuning>): Kafka;
  /** Creates a consumer and waits until it is a member of its group. */
  consume<T extends Topic>(options: ConsumerOptions<T>, kafka?: Kafka): Promise<EventConsumer>;
}

/** Short waits, so that a test does not wait for a back-off. */
const quick: Partial<Tuning> = {
  backoffFromMs: 50,
  backoffToMs: 500,
  heartbeatIntervalMs: 300,
  stopGraceMs: 3_000,
  abortGraceMs: 1_000,
};

/** Opens a port with topics of its own; disposing it deletes them. */
export async function openPort(options: PortOptions = {}): Promise<Port> {
  const shared =
    options.brokers === undefined || options.registryUrl === undefined ? sharedAddresses() : undefined;
  const brokers = options.brokers ?? shared?.kafka.brokers ?? '';
  const registryUrl = options.registryUrl ?? shared?.registry.url ?? '';
  const prefix = `${uniqueName('kafka')}.`;
  const metrics = createMetrics('test', { processMetrics: false });
  const open = (tuning: Partial<Tuning> = {}) =>
    createKafka({
      brokers,
      clientId: 'test',
      registryUrl,
      prefix,
      logger: silentLogger(),
      metrics,
      tuning: { ...quick, ...options.tuning, ...tuning },
    });
  const kafka = open();
  const others: Kafka[] = [];
  const raw = new RawBroker(brokers, prefix);
  // Few, so that the small broker of the tests stays fast.
  await kafka.ensureTopics({ jobPartitions: 6 });
  return {
    prefix,
    kafka,
    producer: kafka.createProducer(),
    metrics,
    raw,
    another(tuning) {
      const other = open(tuning);
      others.push(other);
      return other;
    },
    async consume(consumerOptions, by = kafka) {
      const consumer = by.createConsumer(consumerOptions);
      await consumer.start();
      return consumer;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([kafka, ...others].map((one) => one.close()));
      await raw.deleteTopics();
      await raw.close();
    },
  };
}

/** Retries in place with waits that suit a test. */
export const quickRetry = { tries: 3, fromMs: 50, toMs: 200 } as const;
