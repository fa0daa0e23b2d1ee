import { setTimeout as delay } from 'node:timers/promises';

/** Runs a task again and again, never twice at once, until the signal is aborted; resolves when the last run is over. */
export async function every(
  intervalMs: number,
  signal: AbortSignal,
  task: () => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    await task();
    await delay(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
