import type { Topic } from '@waybill/schemas';
import type { Delivered, Delivery } from './process-message.ts';
import { unreadable } from '../wire/errors.ts';
import type { Generation, HeldPartition } from './generation.ts';
import { readMessage, type RawMessage, type Reader } from '../wire/incoming.ts';
import { advance, committable, holdAt, rewindTo, type Standing } from './partition-position.ts';

/** The messages of one partition that came with one fetch. */
export interface FetchedBatch {
  readonly messages: readonly RawMessage[];
  readonly highWatermark: bigint;
  readonly heartbeat: () => Promise<void>;
  /** Tells the group; never throws. False if it could not. */
  readonly commit: (offset: bigint) => Promise<boolean>;
}

export interface BatchRunParts<T extends Topic> {
  readonly reader: Reader<T>;
  readonly delivery: Delivery<T>;
  readonly commitEveryMs: number;
  readonly now: () => number;
}

/** What the partition does next: goes on at its position, or waits until the message there is due. */
export interface RunEnd {
  /** ms since the epoch. */
  readonly dueAt?: number;
}

/**
 * Takes the messages of a batch in their order, one at a time, until they are all handled, one of them says otherwise
 * or no more may be taken. Keeps the partition's standing and commits it. Never throws.
 */
export async function runBatch<T extends Topic>(
  parts: BatchRunParts<T>,
  generation: Generation,
  held: HeldPartition,
  start: Standing,
  batch: FetchedBatch,
): Promise<RunEnd> {
  let standing = start;
  let committedAt = parts.now();
  let end: RunEnd = {};
  for (const message of batch.messages) {
    if (generation.taking.aborted) break;
    const offset = BigInt(message.offset);
    held.headTimestamp = Number(message.timestamp);
    const delivered = await take(parts, generation, held, batch, message);
    if (generation.over) return {};
    if (delivered.kind === 'not-due') {
      end = { dueAt: delivered.dueAt };
      break;
    }
    standing = after(delivered, standing, offset);
    held.standing = standing;
    if (delivered.kind === 'abandoned' || delivered.kind === 'rewind') break;
    if (parts.now() - committedAt >= parts.commitEveryMs) {
      await commitStanding(held, standing, batch);
      committedAt = parts.now();
    }
  }
  held.headTimestamp = undefined;
  if (!generation.over) await commitStanding(held, standing, batch);
  return end;
}

type Taken = Delivered | { readonly kind: 'not-due'; readonly dueAt: number };

async function take<T extends Topic>(
  parts: BatchRunParts<T>,
  generation: Generation,
  held: HeldPartition,
  batch: FetchedBatch,
  message: RawMessage,
): Promise<Taken> {
  const reading = readMessage(parts.reader, held.topic, held.partition, message);
  switch (reading.kind) {
    case 'not-ours':
      return { kind: 'advance' };
    case 'homeless': {
      const cause = unreadable('it lies in a retry topic and does not say where it came from');
      return parts.delivery.discard(reading.incoming, cause, generation);
    }
    case 'deliver': {
      const { dueAt } = reading.incoming;
      if (dueAt > parts.now()) return { kind: 'not-due', dueAt };
      const { heartbeat, highWatermark } = batch;
      return parts.delivery.deliver(reading.incoming, { generation, heartbeat, highWatermark });
    }
  }
}

function after(delivered: Delivered, standing: Standing, offset: bigint): Standing {
  switch (delivered.kind) {
    case 'advance':
      return advance(standing, offset);
    case 'hold':
      return holdAt(offset, delivered.commitBelow);
    case 'rewind':
      return rewindTo(standing, delivered.to);
    case 'abandoned':
      return standing;
  }
}

async function commitStanding(held: HeldPartition, standing: Standing, batch: FetchedBatch): Promise<void> {
  const offset = committable(standing);
  if (offset === held.committed) return;
  if (await batch.commit(offset)) held.committed = offset;
}
