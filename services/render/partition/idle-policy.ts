export interface IdleLimits {
  /** A job that waits this long while every message is read has stalled: its batches are asked for again. */
  readonly stallMs: number;
  /** A job without a message for this long is idle and may be evicted. */
  readonly idleMs: number;
}

/** Moments that a stall is measured from, in ms since the epoch. */
export interface StallClock {
  /** When the job's last message was applied. */
  readonly lastMessageAt: number;
  /** When the partition last had unread messages. The clock runs only while there are none. */
  readonly lastBehindAt: number;
}

/** Each message checks the cancel flag itself. A timer checks it for jobs without a message for this long. */
const quietMs = 250;

/** Returns how long a job has waited while everything on its partition was read, in ms. */
export function waitedMs({ lastMessageAt, lastBehindAt }: StallClock, now: number): number {
  return Math.max(0, now - Math.max(lastMessageAt, lastBehindAt));
}

export function isStalled(clock: StallClock, now: number, { stallMs }: IdleLimits): boolean {
  return waitedMs(clock, now) >= stallMs;
}

export function isQuiet({ lastMessageAt }: Pick<StallClock, 'lastMessageAt'>, now: number): boolean {
  return now - lastMessageAt >= quietMs;
}

export function isIdle(
  { lastMessageAt }: Pick<StallClock, 'lastMessageAt'>,
  now: number,
  { idleMs }: IdleLimits,
): boolean {
  return now - lastMessageAt >= idleMs;
}
