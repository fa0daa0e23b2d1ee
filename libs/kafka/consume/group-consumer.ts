import { setTimeout as delay } from 'node:timers/promises';
import { asError, causeOf } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { backoffMs, pause, retryUntilDone } from '../broker/backoff.ts';
import { partitionKey } from '../broker/broker-admin.ts';
import { commitOffset, runBatch, type BatchRunDeps } from './batch-run.ts';
import { withTimeout } from '../broker/timeout.ts';
import { Generation, type HeldPartition } from './generation.ts';
import type { KafkaMetrics } from '../metrics.ts';
import { ownPartition, StartOffsets, type StartOffsetsDeps } from './start-offsets.ts';
import type { PartitionPosition } from './partition-position.ts';
import { afterOpened, waitLonger } from './waiting.ts';
import type { Tuning } from '../types/tuning.ts';
import type { EventConsumer } from '../types/consumer.ts';

export interface GroupConsumerDeps<T extends Topic> {
  readonly consumer: Consumer;
  /** The topics to subscribe to, with their prefix: the consumer's own, and the retry topic of its service. */
  readonly subscription: readonly string[];
  readonly batches: BatchRunDeps<T>;
  readonly startOffsets: StartOffsetsDeps<T>;
  readonly metrics: KafkaMetrics;
  readonly tuning: Tuning;
  readonly logger: Logger;
}

/** A stop that has not left the group within this time relies on the session time-out. */
const leaveMs = 5_000;

/** Batches of one fetch that start at the same time: more than a member usually holds, so that no batch waits. */
const concurrency = 64;

/**
 * A member of a consumer group whose handlers do not block the fetch loop (semantics, "Consuming"). kafkajs fetches again
 * only when every batch of its last fetch is handled, so `#onBatch` returns early: it pauses the partition while its run
 * continues, and the end of the run seeks to the position and resumes.
 */
export class GroupConsumer<T extends Topic> implements EventConsumer {
  readonly #deps: GroupConsumerDeps<T>;
  /** Runs by partition, also those of earlier generations that have not settled. */
  readonly #runs = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #joined = Promise.withResolvers<undefined>();
  #generation: Generation | undefined;
  #started: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  /** Since the last join, for the pause before the next try. */
  #crashes = 0;

  constructor(deps: GroupConsumerDeps<T>) {
    this.#deps = deps;
    const { consumer } = deps;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.#onJoin(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, ({ payload }) => this.#onCrash(payload.error, payload.restart));
  }

  ready(): boolean {
    return this.#generation?.ended === false && !this.#stopping.signal.aborted;
  }

  /** Returns the partitions of the last join, for the measurement of lag: also while the member is about to join again. */
  held(): readonly HeldPartition[] {
    return [...(this.#generation?.partitions.values() ?? [])];
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
    await this.#run();
    if (!this.#stopping.signal.aborted) await this.#joined.promise;
  }

  /** Starts kafkajs, which joins the group in the background. */
  async #run(): Promise<void> {
    const { consumer, subscription, tuning, logger } = this.#deps;
    const connect = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...subscription], fromBeginning: true });
    };
    const connected = await retryUntilDone(connect, tuning, this.#stopping.signal, (error) =>
      logger.warn({ error }, 'consumer not connected, retry planned'),
    );
    if (connected === undefined || this.#stopping.signal.aborted) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  async #stop(): Promise<void> {
    const { consumer, tuning, logger } = this.#deps;
    this.#stopping.abort();
    this.#generation?.stop();
    if (!(await this.#settled(tuning.stopGraceMs))) {
      logger.warn({}, 'running handlers aborted by the stop');
      this.#generation?.abortWork();
      if (!(await this.#settled(tuning.abortGraceMs))) logger.error({}, 'aborted handlers not ended');
    }
    this.#generation?.end();
    this.#joined.resolve(undefined);
    try {
      await withTimeout(leaveMs, 'Leaving the group', () => consumer.disconnect());
    } catch (error) {
      logger.warn({ error }, 'group not left, its session times out');
    }
  }

  /** Waits until all runs have ended. Returns false at the limit. */
  async #settled(limitMs: number): Promise<boolean> {
    const clock = new AbortController();
    const late = delay(limitMs, false, { signal: clock.signal }).catch(() => false);
    const all = Promise.all(this.#runs.values()).then(() => true);
    const settled = await Promise.race([all, late]);
    clock.abort();
    return settled;
  }

  /**
   * Starts a new generation. kafkajs calls this before it fetches under the new assignment. Offsets that the previous
   * generation has not committed are discarded; its pauses, which kafkajs keeps, end when the start offsets are known.
   */
  #onJoin(assignment: Readonly<Record<string, readonly number[]>>): void {
    const previous = this.#generation;
    previous?.end();
    const generation = new Generation(assignment);
    this.#generation = generation;
    if (this.#stopping.signal.aborted) generation.stop();
    const held = [...generation.partitions.values()];
    for (const one of held) {
      const before = previous?.find(one.topic, one.partition);
      one.waiting = before?.waiting;
      one.lastNext = before?.position?.next ?? before?.lastNext;
      this.#pause(one);
    }
    this.#crashes = 0;
    this.#deps.logger.info({ partitions: held.map(keyOf) }, 'group joined');
    this.#joined.resolve(undefined);
    const starts = new StartOffsets(this.#deps.startOffsets, held);
    for (const one of held) void this.#open(generation, one, starts);
    for (const one of previous?.partitions.values() ?? []) {
      if (generation.find(one.topic, one.partition) === undefined) void this.#revoke(one);
    }
  }

  /**
   * Starts the consumer again where kafkajs gives up: it takes errors for final that pass, such as a group without a
   * coordinator while the broker shuts down, or rights that an operator has yet to grant.
   */
  #onCrash(error: Error, restarts: boolean): void {
    const { metrics, startOffsets, tuning, logger } = this.#deps;
    this.#generation?.end();
    metrics.crashes.inc({ group: startOffsets.reader.group });
    if (this.#stopping.signal.aborted) return;
    logger.warn({ error }, 'consumer lost the broker, restart planned');
    if (restarts) return;
    this.#crashes += 1;
    const waitMs = backoffMs(this.#crashes, tuning.backoffFromMs, tuning.backoffToMs);
    void pause(waitMs, this.#stopping.signal).then((isDue) => (isDue ? this.#run() : undefined));
  }

  /** Opens a partition when its handler of an earlier generation has settled. Other partitions do not wait for that. */
  async #open(generation: Generation, held: HeldPartition, starts: StartOffsets<T>): Promise<void> {
    const { batches, tuning, logger } = this.#deps;
    await this.#runs.get(keyOf(held));
    const found = await retryUntilDone(
      () => starts.find(held),
      tuning,
      generation.stopping,
      (error) => {
        logger.warn({ error, partition: keyOf(held) }, 'start offset not found, retry planned');
        const failure = { cause: causeOf(error), offset: undefined, at: batches.now() };
        held.waiting = waitLonger(held.waiting, failure);
      },
    );
    if (generation.stopping.aborted || found === undefined) return;
    const { position, committed } = found.value;
    held.position = position;
    held.committed = committed;
    held.waiting = afterOpened(held.waiting, position.next);
    this.#resumeAt(held, position);
  }

  async #revoke(held: HeldPartition): Promise<void> {
    const { startOffsets, logger } = this.#deps;
    await this.#runs.get(keyOf(held));
    const own = ownPartition(startOffsets.reader, held);
    // It may be back by now.
    if (own === undefined || this.#generation?.find(held.topic, held.partition) !== undefined) return;
    try {
      await startOffsets.onRevoked?.(own);
    } catch (error) {
      logger.warn({ error, partition: keyOf(held) }, 'partition not given up cleanly');
    }
  }

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const generation = this.#generation;
    const held = generation?.find(topic, partition);
    const position = held?.position;
    if (generation === undefined || held === undefined || position === undefined) {
      // Not resolved, so it is fetched again when the start offset is known.
      this.#pause({ topic, partition });
      return;
    }
    if (held.run !== undefined || generation.stopping.aborted) {
      this.#pause(held);
      return;
    }
    const run = this.#handle(payload, position, { generation, held });
    held.run = run;
    this.#track(held, run);
    const clock = new AbortController();
    await Promise.race([run, pause(this.#deps.tuning.fetchGraceMs, clock.signal)]);
    clock.abort();
    if (held.run === run) this.#pause(held);
  }

  /** Handles the batch, then resumes the partition at its position. Never rejects. */
  async #handle(
    payload: EachBatchPayload,
    start: PartitionPosition,
    { generation, held }: { readonly generation: Generation; readonly held: HeldPartition },
  ): Promise<void> {
    const { batches, tuning, logger } = this.#deps;
    const { dueAt } = await runBatch(batches, start, {
      generation,
      held,
      batch: {
        messages: payload.batch.messages,
        highWatermark: BigInt(payload.batch.highWatermark),
        // It throws when the group is rebalancing: the fetch loop detects that by itself and joins again.
        heartbeat: () => payload.heartbeat().catch(() => undefined),
        commit: (offset) => commitOffset(payload, offset, { generation, held, limits: tuning, logger }),
      },
    });
    held.run = undefined;
    const { position } = held;
    if (generation.stopping.aborted || position === undefined) return;
    if (dueAt === undefined) {
      this.#resumeAt(held, position);
      return;
    }
    this.#pause(held);
    const waitMs = Math.max(0, dueAt - batches.now());
    void pause(waitMs, generation.stopping).then((isDue) => {
      if (isDue) this.#resumeAt(held, position);
    });
  }

  #track(held: HeldPartition, run: Promise<void>): void {
    const key = keyOf(held);
    this.#runs.set(key, run);
    void run.then(() => {
      if (this.#runs.get(key) === run) this.#runs.delete(key);
    });
  }

  #pause({ topic, partition }: Pick<HeldPartition, 'topic' | 'partition'>): void {
    this.#whileRunning(() => this.#deps.consumer.pause([{ topic, partitions: [partition] }]));
  }

  #resumeAt({ topic, partition }: HeldPartition, position: PartitionPosition): void {
    const { consumer } = this.#deps;
    this.#whileRunning(() => {
      consumer.seek({ topic, partition, offset: String(position.next) });
      consumer.resume([{ topic, partitions: [partition] }]);
    });
  }

  /** Ignores that kafkajs throws while it is not running, such as between a crash and its restart: the next join seeks again. */
  #whileRunning(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#deps.logger.debug({ error: asError(error) }, 'consumer not running');
    }
  }
}

function keyOf({ topic, partition }: HeldPartition): string {
  return partitionKey(topic, partition);
}
