import { setTimeout as delay } from 'node:timers/promises';

/** Wait after the `failures`-th failure in a row, in ms: `fromMs`, doubled each time, at most `toMs`. */
export function backoffMs(failures: number, fromMs: number, toMs: number): number {
  // Beyond 2^30 the product is above any limit; the bound keeps it a finite number.
  return Math.min(toMs, fromMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
}

/** Waits; false if the signal came first. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false; // the only way in which a timer rejects is its signal
  }
}

export interface BackoffLimits {
  readonly backoffFromMs: number;
  readonly backoffToMs: number;
}

/**
 * Calls `action` until it succeeds: for what a partition cannot go on without. Its first call is made in any case.
 * @returns undefined if the signal came first.
 */
export async function untilDone<R>(
  action: () => Promise<R>,
  limits: BackoffLimits,
  signal: AbortSignal,
  onFailure: (error: unknown, failures: number) => void,
): Promise<{ readonly value: R } | undefined> {
  for (let failures = 1; ; failures += 1) {
    try {
      return { value: await action() };
    } catch (error) {
      if (signal.aborted) return undefined;
      onFailure(error, failures);
    }
    const waitMs = backoffMs(failures, limits.backoffFromMs, limits.backoffToMs);
    if (!(await pause(waitMs, signal))) return undefined;
  }
}
