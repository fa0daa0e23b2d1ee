import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for work and calls `check` every `everyMs` meanwhile. Rejects as soon as `check` throws; the work then ends
 * unobserved.
 */
export async function cancellable<T>(
  work: Promise<T>,
  check: () => Promise<void>,
  everyMs: number,
): Promise<T> {
  // Work that is no longer awaited may still fail.
  work.catch(() => undefined);
  const ended = new AbortController();
  const watching = watch(check, everyMs, ended.signal);
  try {
    return await Promise.race([work, watching]);
  } finally {
    ended.abort();
  }
}

/** Never resolves; rejects with what the check throws. */
async function watch(check: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<never> {
  for (;;) {
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return new Promise<never>(() => undefined);
    await check();
  }
}
