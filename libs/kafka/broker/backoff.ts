import { setTimeout as delay } from 'node:timers/promises';

/** Returns the wait after the given number of failures in a row, in ms: `fromMs`, doubled each time, at most `toMs`. */
export function backoffMs(failures: number, fromMs: number, toMs: number): number {
  // Beyond 2^30 the product is above any limit; the bound keeps it a finite number.
  return Math.min(toMs, fromMs * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
}

/** Waits. Returns false if the signal is aborted first. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal });
    return true;
  } catch {
    return false; // a timer rejects only when its signal is aborted
  }
}

/** First and longest wait between tries. */
export interface BackoffLimits {
  readonly backoffFromMs: number;
  readonly backoffToMs: number;
}

/**
 * Calls `action` until it succeeds, at least once. Unlike p-retry it also retries a TypeError and has no limit, since the
 * partition cannot continue without the result.
 * @returns undefined if the signal is aborted first.
 */
export async function retryUntilDone<R>(
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
