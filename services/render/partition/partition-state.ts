import type { ExportError } from '@waybill/errors';
import type { ExportSpec } from '@waybill/schemas';
import type { FileNames } from '../file/file-name.ts';
import type { Claim } from '../job/job.ts';
import type { Subject } from '../job/messages.ts';
import type { OutputFile } from '../file/output-file.ts';
import type { StreamState } from './stream.ts';
import { commitBoundary } from '../watermark.ts';

/** The topics that render reads. */
export type BatchTopic = 'export.batches' | 'export.batches.bulk';

/** A job whose file is being made by this process. */
export interface OpenJob {
  readonly claim: Claim;
  readonly subject: Subject & { readonly job: ExportSpec };
  readonly snapshotAt: number;
  /** Offset of its plan. */
  readonly first: bigint;
  readonly file: OutputFile;
  readonly bucket: string;
  readonly key: string;
  readonly names: FileNames;
  stream: StreamState;
  /** When its last message was handled, in ms since the epoch. */
  lastMessageAt: number;
  /** A gap has been looked into once: the next one fails the job. */
  gapSought: boolean;
}

/** A job that was put down and will be read again from its first offset: its file could not go on. */
export interface ParkedJob {
  readonly subject: Subject;
  readonly first: bigint;
  readonly lastMessageAt: number;
}

/** How often the file of an attempt was begun again, and why last. */
export interface Restarts {
  readonly count: number;
  readonly cause: ExportError;
}

/**
 * What this process knows of one partition: the jobs that it has open there, those that it has put down, and how far
 * it has read. It is not durable; the store and the log are.
 */
export interface Track {
  readonly topic: BatchTopic;
  readonly partition: number;
  readonly open: Map<string, OpenJob>;
  readonly parked: Map<string, ParkedJob>;
  /** Newest attempt that is known to have ended, of the jobs that ended last: saves a look into the store per message. */
  readonly ended: Map<string, number>;
  /** Jobs for which the partition was sought back without their plan having come since. */
  readonly sought: Set<string>;
  /** How often the file of an attempt was begun again after a fault. */
  readonly restarts: Map<string, Restarts>;
  /** Offset after the last handled message; undefined before the first. */
  next: bigint | undefined;
  /** When there were last messages that were not yet read. */
  lastBehindAt: number;
  /** Runs one piece of work at a time: messages, timer and rebalances do not meet in the middle of a file. */
  exclusive<T>(work: () => Promise<T>): Promise<T>;
}

/** Ended jobs that a track remembers: streams that were in flight when their job ended. */
const rememberedEnds = 1_000;

export function createTrack(topic: BatchTopic, partition: number, now: number): Track {
  let last: Promise<unknown> = Promise.resolve();
  return {
    topic,
    partition,
    open: new Map(),
    parked: new Map(),
    ended: new Map(),
    sought: new Set(),
    restarts: new Map(),
    next: undefined,
    lastBehindAt: now,
    exclusive(work) {
      const run = last.then(work, work);
      last = run.catch(() => undefined);
      return run;
    },
  };
}

/** Everything that this process forgets of a job when it has ended, here or elsewhere. */
export function rememberEnd(track: Track, jobId: string, attempt: number): void {
  track.open.delete(jobId);
  track.parked.delete(jobId);
  track.sought.delete(jobId);
  track.restarts.delete(jobId);
  track.ended.delete(jobId);
  track.ended.set(jobId, attempt);
  const [oldest] = track.ended.keys();
  if (track.ended.size > rememberedEnds && oldest !== undefined) track.ended.delete(oldest);
}

/** Whether an attempt is known to have ended, or to be older than one that has. */
export function hasEnded(track: Track, jobId: string, attempt: number): boolean {
  return attempt <= (track.ended.get(jobId) ?? 0);
}

/** The offset that may be committed when everything below `next` is handled. */
export function boundaryOf(track: Track, next: bigint): bigint {
  return commitBoundary(
    [...track.open.values(), ...track.parked.values()].map(({ first }) => first),
    next,
  );
}

/** The tracks of all partitions that this process holds or has held. */
export interface Tracks {
  of(topic: BatchTopic, partition: number): Track;
  all(): readonly Track[];
  forget(track: Track): void;
}

export function createTracks(now: () => number): Tracks {
  const tracks = new Map<string, Track>();
  return {
    of(topic, partition) {
      const name = `${topic}/${partition}`;
      const known = tracks.get(name) ?? createTrack(topic, partition, now());
      tracks.set(name, known);
      return known;
    },
    all: () => [...tracks.values()],
    forget: ({ topic, partition }) => void tracks.delete(`${topic}/${partition}`),
  };
}
