import type { ErrorCode, ExportError } from '@waybill/errors';
import { backoffMs, type BackoffLimits } from '../broker/backoff.ts';

/** Why and since when a partition waits for a server that is away. */
export interface Waiting {
  readonly cause: ErrorCode;
  /** When its first failure was, in ms since the epoch. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  /**
   * The highest offset that has failed. The wait ends when a message at or above it is handled, so that messages that are
   * read again before it neither end the wait nor shorten its pauses.
   */
  readonly until: bigint;
}

/** One failure of a partition. */
export interface PartitionFailure {
  readonly cause: ExportError;
  /** Of the message that failed; undefined if the partition has not been opened. */
  readonly offset: bigint | undefined;
  /** ms since the epoch. */
  readonly at: number;
}

/** Below every offset: a wait that ends when the partition is opened. */
const beforeFirst = -1n;

/** Returns the wait after one more failure. */
export function waitLonger(
  waiting: Waiting | undefined,
  { cause, offset = beforeFirst, at }: PartitionFailure,
): Waiting {
  const { since = at, failures = 0, until = offset } = waiting ?? {};
  return { cause: cause.code, since, failures: failures + 1, until: until > offset ? until : offset };
}

/** Returns the wait after the message at `offset` was handled; undefined if that has ended it. */
export function afterHandled(waiting: Waiting | undefined, offset: bigint): Waiting | undefined {
  return waiting !== undefined && offset < waiting.until ? waiting : undefined;
}

/** Returns the wait after the partition was opened at `next`. A wait for a message from there on continues. */
export function afterOpened(waiting: Waiting | undefined, next: bigint): Waiting | undefined {
  return waiting !== undefined && next <= waiting.until ? waiting : undefined;
}

/** Returns the pause before the next try, in ms. */
export function pauseMs({ failures }: Waiting, { backoffFromMs, backoffToMs }: BackoffLimits): number {
  return backoffMs(failures, backoffFromMs, backoffToMs);
}
