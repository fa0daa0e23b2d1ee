import { setTimeout as delay } from 'node:timers/promises';
import { asError, ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { pause, untilDone } from '../broker/backoff.ts';
import { runBatch, type BatchRunParts } from './batch-run.ts';
import { commitOffset } from './commit.ts';
import { within } from '../broker/timeout.ts';
import { Generation, partitionKey, type HeldPartition } from './generation.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { findPositions, type OpeningParts } from './start-offsets.ts';
import type { Standing } from './partition-position.ts';
import type { Tuning } from '../types/tuning.ts';
import type { EventConsumer } from '../types/types.ts';

export interface ConsumerParts<T extends Topic> {
  readonly consumer: Consumer;
  /** What to subscribe to, with their prefix: the consumer's own topics, and its service's retry topics. */
  readonly subscription: readonly string[];
  readonly batches: BatchRunParts<T>;
  readonly opening: OpeningParts<T>;
  readonly metrics: KafkaMetrics;
  readonly tuning: Tuning;
  readonly logger: Logger;
  readonly onFatal: (cause: ExportError) => void;
}

/** A stop leaves the group within this time, or leaves that to the session time-out. */
const leaveMs = 5_000;

/** Batches of one fetch that are begun at once: more than a member mostly holds, so that none waits for another. */
const concurrency = 64;

/**
 * A member of a consumer group whose handlers run beside the fetch loop (semantics, "Consuming"). kafkajs fetches again
 * only when every batch of its last fetch is handled, so `#onBatch` returns early: it pauses the partition while its
 * run goes on, and the run's end names the position and resumes.
 */
export class GroupConsumer<T extends Topic> implements EventConsumer {
  readonly #parts: ConsumerParts<T>;
  /** Runs by partition, also those of earlier generations that have not settled. */
  readonly #runs = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #joined = Promise.withResolvers<undefined>();
  #generation: Generation | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(parts: ConsumerParts<T>) {
    this.#parts = parts;
    const { consumer } = parts;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#onJoin(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#onCrash(payload.error, payload.restart));
  }

  ready(): boolean {
    return this.#generation?.over === false && !this.#stopping.signal.aborted;
  }

  /** Partitions that this member holds, for the measurement of lag. */
  held(): readonly HeldPartition[] {
    return this.#generation?.over === false ? [...this.#generation.partitions.values()] : [];
  }

  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #start(): Promise<void> {
    const { consumer, subscription, tuning, logger } = this.#parts;
    const begin = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...subscription], fromBeginning: true });
    };
    const begun = await untilDone(begin, tuning, this.#stopping.signal, (error) =>
      logger.warn({ error }, 'the broker or a topic is not there yet; the consumer keeps trying'),
    );
    if (begun === undefined || this.#stopping.signal.aborted) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    await this.#joined.promise;
  }

  async #stop(): Promise<void> {
    const { consumer, tuning, logger } = this.#parts;
    this.#stopping.abort();
    this.#generation?.stopTaking();
    if (!(await this.#settled(tuning.stopGraceMs))) {
      logger.warn({}, 'handlers still run at the stop; they are aborted');
      this.#generation?.abortWork();
      if (!(await this.#settled(tuning.abortGraceMs))) logger.error({}, 'aborted handlers do not end');
    }
    this.#generation?.end();
    this.#joined.resolve(undefined);
    try {
      await within(leaveMs, 'Leaving the group', () => consumer.disconnect());
    } catch (error) {
      logger.warn({ error }, 'the group was not left; its session times out');
    }
  }

  /** Waits until all runs have ended; false if that takes longer. */
  async #settled(limitMs: number): Promise<boolean> {
    const clock = new AbortController();
    const late = delay(limitMs, false, { signal: clock.signal }).catch(() => false);
    const all = Promise.all(this.#runs.values()).then(() => true);
    const settled = await Promise.race([all, late]);
    clock.abort();
    return settled;
  }

  /**
   * kafkajs calls this before it fetches anything under the new assignment. What the generation before has not
   * committed is discarded; its pauses, which kafkajs keeps, end when the positions are known.
   */
  #onJoin(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#generation?.end();
    const generation = new Generation(assignment);
    this.#generation = generation;
    if (this.#stopping.signal.aborted) generation.stopTaking();
    const held = [...generation.partitions.values()];
    for (const one of held) this.#pause(one);
    this.#parts.logger.info({ partitions: held.map(keyOf) }, 'the group has joined');
    this.#joined.resolve(undefined);
    void this.#open(generation, held);
  }

  #onCrash(error: Error, restarts: boolean): void {
    const { metrics, opening, logger } = this.#parts;
    this.#generation?.end();
    metrics.crashes.inc({ group: opening.reader.group, restarts: String(restarts) });
    if (restarts) {
      logger.warn({ error }, 'the consumer lost the broker; it starts again');
      return;
    }
    if (this.#stopping.signal.aborted) return;
    logger.fatal({ error }, 'the consumer has stopped for good; the process must start anew');
    this.#parts.onFatal(new ExportError('SERVICE_UNAVAILABLE', { cause: error }));
  }

  async #open(generation: Generation, held: readonly HeldPartition[]): Promise<void> {
    const { opening, tuning, logger } = this.#parts;
    const earlier = held.map((one) => this.#runs.get(keyOf(one))).filter((run) => run !== undefined);
    await Promise.all(earlier);
    const found = await untilDone(
      () => findPositions(opening, held),
      tuning,
      generation.taking,
      (error) => logger.warn({ error }, 'the positions of the partitions are not known yet'),
    );
    if (generation.taking.aborted) return;
    for (const { held: one, standing, committed } of found?.value ?? []) {
      one.standing = standing;
      one.committed = committed;
      this.#resumeAt(one, standing.position);
    }
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const generation = this.#generation;
    const held = generation?.find(topic, partition);
    const standing = held?.standing;
    if (generation === undefined || held === undefined || standing === undefined) {
      // Not resolved, so it is fetched again when the partition has been opened.
      this.#pause({ topic, partition });
      return;
    }
    if (held.run !== undefined || generation.taking.aborted) {
      this.#pause(held);
      return;
    }
    const run = this.#run(generation, held, standing, payload);
    held.run = run;
    this.#remember(held, run);
    const clock = new AbortController();
    await Promise.race([run, pause(this.#parts.tuning.fetchGraceMs, clock.signal)]);
    clock.abort();
    if (held.run === run) this.#pause(held);
  }

  /** Handles the batch, then lets the partition go on where it stands. Never rejects. */
  async #run(
    generation: Generation,
    held: HeldPartition,
    standing: Standing,
    payload: EachBatchPayload,
  ): Promise<void> {
    const { batches, tuning, logger } = this.#parts;
    const { dueAt } = await runBatch(batches, generation, held, standing, {
      messages: payload.batch.messages,
      highWatermark: BigInt(payload.batch.highWatermark),
      // It throws when the group is rebalancing: the fetch loop finds that out by itself and joins again.
      heartbeat: () => payload.heartbeat().catch(() => undefined),
      commit: (offset) => commitOffset(payload, generation, held, offset, tuning, logger),
    });
    held.run = undefined;
    const position = held.standing?.position;
    if (generation.taking.aborted || position === undefined) return;
    if (dueAt === undefined) {
      this.#resumeAt(held, position);
      return;
    }
    this.#pause(held);
    void this.#resumeWhenDue(generation, held, position, dueAt);
  }

  async #resumeWhenDue(
    generation: Generation,
    held: HeldPartition,
    position: bigint,
    dueAt: number,
  ): Promise<void> {
    const waitMs = Math.max(0, dueAt - this.#parts.batches.now());
    if (await pause(waitMs, generation.taking)) this.#resumeAt(held, position);
  }

  #remember(held: HeldPartition, run: Promise<void>): void {
    const key = keyOf(held);
    this.#runs.set(key, run);
    void run.then(() => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    });
  }

  #pause({ topic, partition }: Pick<HeldPartition, 'topic' | 'partition'>): void {
    this.#whileRunning(() => this.#parts.consumer.pause([{ topic, partitions: [partition] }]));
  }

  #resumeAt({ topic, partition }: HeldPartition, position: bigint): void {
    const { consumer } = this.#parts;
    this.#whileRunning(() => {
      consumer.seek({ topic, partition, offset: String(position) });
      consumer.resume([{ topic, partitions: [partition] }]);
    });
  }

  /** kafkajs throws where it is not running, such as between a crash and its restart: the next join sets all anew. */
  #whileRunning(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#parts.logger.debug({ error: asError(error) }, 'the consumer is not running');
    }
  }
}

function keyOf({ topic, partition }: HeldPartition): string {
  return partitionKey(topic, partition);
}
