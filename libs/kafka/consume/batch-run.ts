import type { Logger } from '@waybill/observability';
import type { Topic } from '@waybill/schemas';
import type { EachBatchPayload } from 'kafkajs';
import { backoffMs, pause, type BackoffLimits } from '../broker/backoff.ts';
import type { RawMessage } from '../types/dead-letter.ts';
import { unreadable } from '../wire/errors.ts';
import { readMessage, type Reader } from '../wire/incoming.ts';
import type { KafkaMetrics } from '../metrics.ts';
import type { Generation, HeldPartition } from './generation.ts';
import type { MessageProcessor, Processed } from './message-processor.ts';
import { advance, committable, holdAt, rewindTo, type PartitionPosition } from './partition-position.ts';
import { reportReset } from './start-offsets.ts';
import { afterHandled, pauseMs, waitLonger } from './waiting.ts';

/** The messages of one partition that came with one fetch. */
export interface FetchedBatch {
  readonly messages: readonly RawMessage[];
  readonly highWatermark: bigint;
  readonly heartbeat: () => Promise<void>;
  /** Commits an offset; never throws. Returns false if the group does not have it. */
  readonly commit: (offset: bigint) => Promise<boolean>;
}

export interface BatchRunDeps<T extends Topic> {
  readonly reader: Reader<T>;
  readonly processor: MessageProcessor<T>;
  readonly commitEveryMs: number;
  /** Of the waits after a rewind with a cause. */
  readonly limits: BackoffLimits;
  readonly metrics: KafkaMetrics;
  readonly logger: Logger;
  readonly now: () => number;
}

/** The partition that a batch belongs to, in the generation that fetched it. */
export interface BatchContext {
  readonly generation: Generation;
  readonly held: HeldPartition;
  readonly batch: FetchedBatch;
}

/** What the partition does next: continues at its position, or first waits. */
export interface RunEnd {
  /** When it continues, in ms since the epoch; now if undefined. */
  readonly dueAt?: number;
}

/**
 * Handles the messages of a batch in order, one at a time, until all are handled, one of them ends the run, or the
 * generation stops. Updates the partition's position and commits it. Never throws.
 */
export async function runBatch<T extends Topic>(
  deps: BatchRunDeps<T>,
  start: PartitionPosition,
  context: BatchContext,
): Promise<RunEnd> {
  const { generation, held, batch } = context;
  let position = start;
  let committedAt = deps.now();
  let end: RunEnd = {};
  const from = start.next;
  const to = BigInt(batch.messages[0]?.offset ?? from);
  if (to !== from) reportReset(deps, held, { from, to });
  for (const message of batch.messages) {
    if (generation.stopping.aborted) break;
    const offset = BigInt(message.offset);
    held.headTimestamp = Number(message.timestamp);
    const processed = await processOne(deps, message, context);
    if (generation.ended) return {};
    position = positionAfter(processed, position, offset);
    held.position = position;
    if (processed.kind === 'rewind' && processed.cause !== undefined) {
      const at = deps.now();
      held.waiting = waitLonger(held.waiting, { cause: processed.cause, offset, at });
      end = { dueAt: at + pauseMs(held.waiting, deps.limits) };
    }
    if (processed.kind === 'advance' || processed.kind === 'hold') {
      held.waiting = afterHandled(held.waiting, offset);
    }
    if (processed.kind === 'abandoned' || processed.kind === 'rewind') break;
    if (deps.now() - committedAt >= deps.commitEveryMs) {
      await commitPosition(held, position, batch);
      committedAt = deps.now();
    }
  }
  held.headTimestamp = undefined;
  if (!generation.ended) await commitPosition(held, position, batch);
  return end;
}

async function processOne<T extends Topic>(
  { reader, processor }: BatchRunDeps<T>,
  message: RawMessage,
  { generation, held, batch }: BatchContext,
): Promise<Processed> {
  const { heartbeat, highWatermark } = batch;
  const context = { generation, held, offset: BigInt(message.offset), heartbeat, highWatermark };
  const reading = readMessage(reader, held, message);
  switch (reading.kind) {
    case 'not-ours':
      return { kind: 'advance' };
    case 'unroutable': {
      const cause = unreadable('the message is in a retry topic and its headers do not name its origin');
      return processor.discard(reading.incoming, cause, context);
    }
    case 'handle': {
      return processor.process(reading.incoming, context);
    }
  }
}

function positionAfter(processed: Processed, position: PartitionPosition, offset: bigint): PartitionPosition {
  switch (processed.kind) {
    case 'advance':
      return advance(position, offset);
    case 'hold':
      return holdAt(offset, processed.commitBelow);
    case 'rewind':
      return rewindTo(position, processed.to);
    case 'abandoned':
      return position;
  }
}

async function commitPosition(
  held: HeldPartition,
  position: PartitionPosition,
  batch: FetchedBatch,
): Promise<void> {
  const offset = committable(position);
  if (offset === held.committed) return;
  if (await batch.commit(offset)) held.committed = offset;
}

/** Error types of the broker that mean: this generation has ended or is about to. Another try under it cannot succeed. */
const generationEndedTypes = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_INSTANCE_ID',
];

export interface CommitContext {
  readonly generation: Generation;
  readonly held: HeldPartition;
  readonly limits: BackoffLimits;
  readonly logger: Logger;
}

/**
 * Commits one offset, only under the generation that fetched the batch. The batch's own `commitOffsetsIfNecessary` sends
 * the generation of the time of the call; `consumer.commitOffsets` would retry by itself, under any later generation.
 * Never throws.
 * @returns false if the offset was not committed.
 */
export async function commitOffset(
  payload: Pick<EachBatchPayload, 'commitOffsetsIfNecessary'>,
  offset: bigint,
  { generation, held: { topic, partition }, limits, logger }: CommitContext,
): Promise<boolean> {
  const partitions = [{ partition, offset: String(offset) }];
  for (let failures = 1; !generation.ended; failures += 1) {
    try {
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
      return true;
    } catch (error) {
      logger.warn({ topic, partition, offset: String(offset), error }, 'offset not committed');
      if (isGenerationEnded(error)) return false;
    }
    const waitMs = backoffMs(failures, limits.backoffFromMs, limits.backoffToMs);
    if (!(await pause(waitMs, generation.stopping))) return false;
  }
  return false;
}

function isGenerationEnded(error: unknown): boolean {
  return error instanceof Error && 'type' in error && generationEndedTypes.includes(String(error.type));
}
