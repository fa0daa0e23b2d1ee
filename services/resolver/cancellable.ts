import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for a piece of work, unless meanwhile it turns out that nobody wants it: then it rejects with what `check` throws,
 * and the piece is left to end by itself. `check` is asked every so often.
 */
export async function unlessGivenUp<T>(
  piece: Promise<T>,
  check: () => Promise<void>,
  everyMs: number,
): Promise<T> {
  // A piece that is left alone may still fail.
  piece.catch(() => undefined);
  const ended = new AbortController();
  const watching = watch(check, everyMs, ended.signal);
  try {
    return await Promise.race([piece, watching]);
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
