import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import { pause } from '../broker/backoff.ts';
import type { BrokerAdmin, LogRange } from '../broker/broker-admin.ts';
import { partitionKey, type HeldPartition } from './generation.ts';
import type { Reader } from '../wire/incoming.ts';
import type { KafkaMetrics } from '../metrics.ts';

/** How far one partition is behind. */
export interface Lag {
  readonly messages: number;
  readonly seconds: number;
}

/** What is known of a partition when its lag is measured; times in ms since the epoch. */
export interface LagFacts {
  readonly position: bigint;
  readonly highWatermark: bigint;
  /** Timestamp of the message in hand, if there is one. */
  readonly headTimestamp: number | undefined;
  /** When it was first seen that a message waits. */
  readonly waitingSince: number;
}

/** High watermark minus position, and the age of what waits there: by its timestamp, else since it was seen. */
export function lagOf(facts: LagFacts, now: number): Lag {
  const { position, highWatermark, headTimestamp, waitingSince } = facts;
  if (highWatermark <= position) return { messages: 0, seconds: 0 };
  const since = headTimestamp ?? waitingSince;
  return { messages: Number(highWatermark - position), seconds: Math.max(0, now - since) / 1_000 };
}

export interface LagMeterParts<T extends Topic> {
  readonly held: () => readonly HeldPartition[];
  readonly reader: Reader<T>;
  readonly broker: BrokerAdmin;
  readonly metrics: KafkaMetrics;
  readonly logger: Logger;
  readonly everyMs: number;
  readonly now: () => number;
}

/** Messages below `until` were waiting at `since`. When the position has passed them, later ones wait since then. */
interface Waiting {
  readonly since: number;
  readonly until: bigint;
}

interface Labels {
  readonly group: string;
  readonly topic: string;
  readonly partition: string;
}

/** Measures the lag of a consumer's own topics until it is stopped. Retry topics are meant to wait: they have none. */
export class LagMeter<T extends Topic> {
  readonly #parts: LagMeterParts<T>;
  readonly #stopping = new AbortController();
  readonly #waiting = new Map<string, Waiting>();
  readonly #shown = new Map<string, Labels>();

  constructor(parts: LagMeterParts<T>) {
    this.#parts = parts;
  }

  start(): void {
    void this.#loop();
  }

  stop(): void {
    this.#stopping.abort();
    this.#forgetAllBut(new Set());
  }

  async #loop(): Promise<void> {
    while (await pause(this.#parts.everyMs, this.#stopping.signal)) {
      try {
        await this.measure();
      } catch (error) {
        this.#parts.logger.debug({ error }, 'the lag could not be measured');
      }
    }
  }

  /** Measures once. @throws ExportError SERVICE_UNAVAILABLE if the broker does not answer. */
  async measure(): Promise<void> {
    const { reader, broker, held } = this.#parts;
    const names = new Map<string, string>(reader.topics.map((topic) => [`${reader.prefix}${topic}`, topic]));
    const topics = [...new Set(held().map(({ topic }) => topic))].filter((topic) => names.has(topic));
    const ranges = topics.length === 0 ? new Map<string, LogRange>() : await broker.logRanges(topics);
    if (this.#stopping.signal.aborted) return;
    const seen = new Set<string>();
    // Asked again: positions have moved, and partitions may be gone, while the broker was asked.
    for (const one of held()) {
      const key = partitionKey(one.topic, one.partition);
      const topic = names.get(one.topic);
      const high = ranges.get(key)?.high;
      const position = one.standing?.position;
      if (topic === undefined || high === undefined || position === undefined) continue;
      seen.add(key);
      const labels = { group: reader.group, topic, partition: String(one.partition) };
      this.#show(key, labels, { position, highWatermark: high, headTimestamp: one.headTimestamp });
    }
    this.#forgetAllBut(seen);
  }

  #show(key: string, labels: Labels, facts: Omit<LagFacts, 'waitingSince'>): void {
    const { metrics, now } = this.#parts;
    const at = now();
    const known = this.#waiting.get(key);
    const waiting =
      known !== undefined && facts.position < known.until ? known : { since: at, until: facts.highWatermark };
    this.#waiting.set(key, waiting);
    const lag = lagOf({ ...facts, waitingSince: waiting.since }, at);
    metrics.lagMessages.set({ ...labels }, lag.messages);
    metrics.lagSeconds.set({ ...labels }, lag.seconds);
    this.#shown.set(key, labels);
  }

  /** Another member shows the partitions that this one has lost. */
  #forgetAllBut(seen: ReadonlySet<string>): void {
    const { metrics } = this.#parts;
    for (const [key, labels] of this.#shown) {
      if (seen.has(key)) continue;
      metrics.lagMessages.remove({ ...labels });
      metrics.lagSeconds.remove({ ...labels });
      this.#shown.delete(key);
      this.#waiting.delete(key);
    }
  }
}
