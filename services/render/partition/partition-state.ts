import type { JobId } from '@waybill/domain';
import type { EventMessage } from '@waybill/kafka';
import type { ExportBatch, ExportSpec } from '@waybill/schemas';
import { LRUCache } from 'lru-cache';
import type { FileNames } from '../file/file-name.ts';
import type { OutputFile } from '../file/output-file.ts';
import type { Claim } from '../job/job.ts';
import type { Subject } from '../job/messages.ts';
import type { StreamState } from './stream.ts';

/** The topics that render reads. */
export type BatchTopic = 'export.batches' | 'export.batches.bulk';

export type BatchMessage = EventMessage<ExportBatch, BatchTopic>;

/** A job whose file this process is writing. */
export interface OpenJob {
  readonly claim: Claim;
  readonly subject: Subject & { readonly spec: ExportSpec };
  /** When the selection was frozen, in ms since the epoch. */
  readonly snapshotAt: number;
  /** Offset of the job's plan. */
  readonly first: bigint;
  /** When the plan was sent, in ms since the epoch. The job's deadline counts from here. */
  readonly startedAt: number;
  readonly file: OutputFile;
  readonly bucket: string;
  readonly key: string;
  readonly names: FileNames;
  stream: StreamState;
  /** When the job's last message was applied, in ms since the epoch. */
  lastMessageAt: number;
  /** When progress was last sent, in ms since the epoch; 0 before the first time. */
  lastProgressAt: number;
  /** Whether the partition was read again to fill a gap. The next gap fails the job. */
  gapRetried: boolean;
}

/** A job whose file was abandoned. Its offsets stay uncommitted, so that it can be read again from `first`. */
export interface EvictedJob {
  readonly subject: Subject;
  readonly first: bigint;
  readonly lastMessageAt: number;
}

/** Ended jobs to remember per partition. Messages of their streams may still be in flight. */
const rememberedEnds = 1_000;

/**
 * Memory of one partition: its open jobs, its evicted jobs and the position that was read. Each job is in at most one of
 * `open` and `evicted`. Nothing here is durable: MongoDB and the topic are.
 */
export class PartitionState {
  readonly topic: BatchTopic;
  readonly partition: number;
  readonly open = new Map<JobId, OpenJob>();
  readonly evicted = new Map<JobId, EvictedJob>();
  /** Jobs that the partition was rewound for and whose plan has not arrived since. */
  readonly rewound = new Set<JobId>();
  /** Offset after the last applied message; undefined before the first. */
  next: bigint | undefined;
  /** Offset after the partition's last message, as far as it is known. */
  highWatermark = 0n;
  /** Whether the watch of idle jobs runs on the partition or waits for its turn. */
  watchPending = false;
  /** When the partition last had unread messages, in ms since the epoch. */
  lastBehindAt: number;
  /** Newest stream of a job that cannot be read. Its messages are ignored until the next stream arrives. */
  readonly #lost = new LRUCache<JobId, Pick<Subject, 'attempt' | 'stream'>>({ max: rememberedEnds });
  /** Newest attempt that is known to have ended. Saves a query per message. */
  readonly #ended = new LRUCache<JobId, number>({ max: rememberedEnds });

  constructor(topic: BatchTopic, partition: number, now: number) {
    this.topic = topic;
    this.partition = partition;
    this.lastBehindAt = now;
  }

  add(open: OpenJob): void {
    const { jobId } = open.subject;
    this.evicted.delete(jobId);
    this.rewound.delete(jobId);
    this.open.set(jobId, open);
  }

  /** Moves an open job to the evicted ones. The caller has abandoned its file. */
  evict({ subject, first, lastMessageAt }: OpenJob): void {
    this.open.delete(subject.jobId);
    this.evicted.set(subject.jobId, { subject, first, lastMessageAt });
  }

  /** Removes a job that has ended, here or in another process, and remembers that it has. */
  markEnded(jobId: JobId, attempt: number): void {
    this.#remove(jobId);
    this.#ended.set(jobId, attempt);
  }

  /** Removes a job whose batches cannot be read. Its offsets may be committed. */
  markLost({ jobId, attempt, stream }: Subject): void {
    this.#remove(jobId);
    this.#lost.set(jobId, { attempt, stream });
  }

  #remove(jobId: JobId): void {
    this.open.delete(jobId);
    this.evicted.delete(jobId);
    this.rewound.delete(jobId);
  }

  /** Returns whether this stream of a job was found to be unreadable. */
  isLost(jobId: JobId, { attempt, stream }: Pick<Subject, 'attempt' | 'stream'>): boolean {
    const lost = this.#lost.peek(jobId);
    return lost?.attempt === attempt && stream <= lost.stream;
  }

  /** Returns whether this attempt, or a newer one, is known to have ended. */
  hasEnded(jobId: JobId, attempt: number): boolean {
    return attempt <= (this.#ended.peek(jobId) ?? 0);
  }

  /** Returns whether the partition is known to have unread messages. */
  isBehind(): boolean {
    return this.next !== undefined && this.next < this.highWatermark;
  }

  /** Returns a stored position as an offset of this partition; undefined for another partition. */
  offsetHere(first: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: string;
  }): bigint | undefined {
    return first.topic === this.topic && first.partition === this.partition
      ? BigInt(first.offset)
      : undefined;
  }

  /** Returns the offset that the group may commit after every message below `next` was applied. */
  commitOffset(next: bigint): bigint {
    return commitBoundary(
      [...this.open.values(), ...this.evicted.values()].map(({ first }) => first),
      next,
    );
  }

  /** Returns where to resume reading after a rebalance; undefined if the committed offset decides. */
  resumeOffset(): bigint | undefined {
    const firsts = [...this.evicted.values()].map(({ first }) => first);
    const offsets = [...firsts, ...(this.open.size > 0 && this.next !== undefined ? [this.next] : [])];
    return offsets.reduce<bigint | undefined>(
      (least, offset) => (least === undefined || offset < least ? offset : least),
      undefined,
    );
  }
}

/**
 * Returns the low watermark of a partition: the first offset of its oldest open job, so that a restart reads all of that
 * job again. Returns `next`, the offset after the last applied message, if no job is open.
 */
export function commitBoundary(openFirstOffsets: Iterable<bigint>, next: bigint): bigint {
  let boundary = next;
  for (const offset of openFirstOffsets) if (offset < boundary) boundary = offset;
  return boundary;
}
