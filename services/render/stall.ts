/** What the stall clock of a job goes by, in ms since the epoch. */
export interface StallClock {
  /** When the job's last message was handled. */
  readonly lastMessageAt: number;
  /** When the partition last had messages that were not yet read; the clock runs only while there are none. */
  readonly lastBehindAt: number;
}

/** How long a job has waited while everything on its partition was read. */
export function waitedMs(clock: StallClock, now: number): number {
  return Math.max(0, now - Math.max(clock.lastMessageAt, clock.lastBehindAt));
}
