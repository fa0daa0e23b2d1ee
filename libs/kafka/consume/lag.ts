import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import { pause } from '../broker/backoff.ts';
import { partitionKey, type BrokerAdmin, type LogRange } from '../broker/broker-admin.ts';
import type { HeldPartition } from './generation.ts';
import type { Reader } from '../wire/incoming.ts';
import type { KafkaMetrics } from '../metrics.ts';

/** The lag of one partition. */
export interface Lag {
  readonly messages: number;
  readonly seconds: number;
}

/** The facts that the lag of a partition follows from; times in ms since the epoch. */
export interface LagFacts {
  readonly position: bigint;
  readonly highWatermark: bigint;
  /** Timestamp of the current message, if there is one. */
  readonly headTimestamp: number | undefined;
  /** When an unread message was first seen. */
  readonly unreadSince: number;
}

/** Returns high watermark minus position, and the age of the message there: from its timestamp, else since it was seen. */
export function lagOf(facts: LagFacts, now: number): Lag {
  const { position, highWatermark, headTimestamp, unreadSince } = facts;
  if (highWatermark <= position) return { messages: 0, seconds: 0 };
  const since = headTimestamp ?? unreadSince;
  return { messages: Number(highWatermark - position), seconds: Math.max(0, now - since) / 1_000 };
}

export interface LagMeterDeps<T extends Topic> {
  readonly held: () => readonly HeldPartition[];
  readonly reader: Reader<T>;
  /** With its prefix. */
  readonly groupId: string;
  readonly broker: BrokerAdmin;
  readonly metrics: KafkaMetrics;
  readonly logger: Logger;
  readonly everyMs: number;
  readonly now: () => number;
}

/** Messages below `until` were unread at `since`. When the position has passed them, a new backlog starts. */
interface Backlog {
  readonly since: number;
  readonly until: bigint;
}

interface Labels {
  readonly group: string;
  readonly topic: string;
  readonly partition: string;
}

interface WaitLabels extends Labels {
  readonly cause: string;
}

/**
 * Measures the lag of a consumer's own topics, and how long its partitions have been waiting, until it is stopped. A
 * retry topic has redriven dead letters only, and its lag is not measured.
 */
export class LagMeter<T extends Topic> {
  readonly #deps: LagMeterDeps<T>;
  readonly #stopping = new AbortController();
  readonly #backlogs = new Map<string, Backlog>();
  readonly #shown = new Map<string, Labels>();
  #shownWaits: readonly WaitLabels[] = [];

  constructor(deps: LagMeterDeps<T>) {
    this.#deps = deps;
  }

  start(): void {
    void this.#loop();
  }

  stop(): void {
    this.#stopping.abort();
    this.#removeAllBut(new Set());
    this.#showWaits([]);
  }

  async #loop(): Promise<void> {
    while (await pause(this.#deps.everyMs, this.#stopping.signal)) {
      this.#showWaits(this.#deps.held());
      try {
        await this.measure();
      } catch (error) {
        this.#deps.logger.debug({ error }, 'lag not measured');
      }
    }
  }

  /** Shows which partitions wait. It asks no server, so it works while the broker is away. */
  #showWaits(held: readonly HeldPartition[]): void {
    const { metrics, reader, now } = this.#deps;
    for (const labels of this.#shownWaits) metrics.waitingSeconds.remove({ ...labels });
    this.#shownWaits = held.flatMap(({ topic, partition, waiting }) => {
      if (waiting === undefined) return [];
      const { cause, since } = waiting;
      const name = topic.slice(reader.prefix.length);
      const labels = { group: reader.group, topic: name, partition: String(partition), cause };
      metrics.waitingSeconds.set({ ...labels }, (now() - since) / 1_000);
      return [labels];
    });
  }

  /**
   * Measures once.
   * @throws ExportError SERVICE_UNAVAILABLE if the broker does not answer.
   */
  async measure(): Promise<void> {
    const { reader, groupId, broker, held } = this.#deps;
    const names = new Map<string, string>(reader.topics.map((topic) => [`${reader.prefix}${topic}`, topic]));
    const topics = [...new Set(held().map(({ topic }) => topic))].filter((topic) => names.has(topic));
    const ranges = topics.length === 0 ? new Map<string, LogRange>() : await broker.logRanges(topics);
    const committed = held().some((one) => lastNextOf(one) === undefined)
      ? await broker.committed(groupId, topics)
      : new Map<string, bigint>();
    if (this.#stopping.signal.aborted) return;
    const seen = new Set<string>();
    // Read again: positions have moved, and partitions may be lost, while the broker answered.
    for (const one of held()) {
      const key = partitionKey(one.topic, one.partition);
      const topic = names.get(one.topic);
      const range = ranges.get(key);
      if (topic === undefined || range === undefined) continue;
      const position = lastNextOf(one) ?? committed.get(key) ?? range.low;
      seen.add(key);
      const labels = { group: reader.group, topic, partition: String(one.partition) };
      this.#show(key, labels, { position, highWatermark: range.high, headTimestamp: one.headTimestamp });
    }
    this.#removeAllBut(seen);
  }

  #show(key: string, labels: Labels, facts: Omit<LagFacts, 'unreadSince'>): void {
    const { metrics, now } = this.#deps;
    const at = now();
    const known = this.#backlogs.get(key);
    const backlog =
      known !== undefined && facts.position < known.until ? known : { since: at, until: facts.highWatermark };
    this.#backlogs.set(key, backlog);
    const lag = lagOf({ ...facts, unreadSince: backlog.since }, at);
    metrics.lagMessages.set({ ...labels }, lag.messages);
    metrics.lagSeconds.set({ ...labels }, lag.seconds);
    this.#shown.set(key, labels);
  }

  /** Removes the series of partitions that this member has lost; another member shows them. */
  #removeAllBut(seen: ReadonlySet<string>): void {
    const { metrics } = this.#deps;
    for (const [key, labels] of this.#shown) {
      if (seen.has(key)) continue;
      metrics.lagMessages.remove({ ...labels });
      metrics.lagSeconds.remove({ ...labels });
      this.#shown.delete(key);
      this.#backlogs.delete(key);
    }
  }
}

/** Returns the last known position of a partition; undefined before its first one in this process. */
function lastNextOf({ position, lastNext }: HeldPartition): bigint | undefined {
  return position?.next ?? lastNext;
}
