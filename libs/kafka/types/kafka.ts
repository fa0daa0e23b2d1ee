import type { Logger, Metrics } from '@waybill/observability';
import type { RedrivableService, Topic } from '@waybill/schemas';
import type { KafkaSecurity } from '../broker/security.ts';
import type { ConsumerOptions, EventConsumer } from './consumer.ts';
import type { DeadLetter } from './dead-letter.ts';
import type { EventProducer } from './producer.ts';
import type { Tuning } from './tuning.ts';

/** How to reach the brokers and the schema registry. */
export interface KafkaOptions {
  /** Host and port of some brokers, separated by commas. */
  readonly brokers: string;
  /** TLS and SASL of the connections to the brokers; neither by default. */
  readonly security?: KafkaSecurity;
  /** Name of this service: Kafka's client id and the CloudEvents source. */
  readonly clientId: string;
  /** Address of the registry's Confluent API. */
  readonly registryUrl: string;
  /** For a registry behind basic authentication. */
  readonly registryCredentials?: Credentials | undefined;
  /** Precedes every topic, group and registry subject, so that several installations can share one broker. */
  readonly prefix?: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Times and sizes that differ from the defaults, for tests and for operators. */
  readonly tuning?: Partial<Tuning>;
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The port to one Kafka cluster and its schema registry. */
export interface Kafka {
  /** Creates a producer. One per process is enough; it connects with its first send. */
  createProducer(): EventProducer;
  createConsumer<T extends Topic>(options: ConsumerOptions<T>): EventConsumer;
  /**
   * Creates the topics of the table in schemas with their retry and dead-letter topics, and applies the settings to those
   * that exist. Topics with fewer partitions get more. Repeating it changes nothing.
   * @throws ExportError SERVICE_UNAVAILABLE if the broker is down.
   */
  ensureTopics(options?: TopicOptions): Promise<void>;
  /**
   * Asks the broker for its metadata.
   * @throws ExportError SERVICE_UNAVAILABLE if it does not answer in time.
   */
  ping(): Promise<void>;
  /**
   * Returns the offsets that the broker holds of each partition of a topic, so that a reader knows where the topic ends.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  logRanges(topic: Topic): Promise<readonly PartitionRange[]>;
  /**
   * Returns the dead letters of a service that were not redriven yet: the newest of each event, in the order in which the
   * events first failed.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  deadLetters(service: RedrivableService): Promise<readonly DeadLetter[]>;
  /**
   * Copies a dead letter unchanged into the retry topic of its service, with its count of tries at zero. The
   * letter stays in the dead-letter topic until retention deletes it.
   * @throws ExportError SERVICE_UNAVAILABLE
   */
  redrive(letter: DeadLetter): Promise<void>;
  /** Stops the consumers and producers that still run and closes every connection. */
  close(): Promise<void>;
}

/** How topics are created in a deployment. */
export interface TopicOptions {
  /** Partitions of each topic with requests or batches of jobs, in both lanes; those of the table (24) by default. */
  readonly jobPartitions?: number | undefined;
  /** By default 3 where there are three brokers, else 1. Existing topics keep theirs. */
  readonly replicationFactor?: number | undefined;
  /** By default 2 for a topic with three replicas, else 1; never more than the topic has replicas. */
  readonly minInsyncReplicas?: number | undefined;
}

/** First offset that the broker still has of a partition, and the next one to be written. */
export interface PartitionRange {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}
