import { setTimeout as delay } from 'node:timers/promises';
import { unavailable } from './errors.ts';

/**
 * The result of `work`, which may take so long. Whatever comes later is dropped; `late` tells the work that nobody
 * waits any more. @throws what the work throws, or ExportError SERVICE_UNAVAILABLE when the time is over.
 */
export async function within<R>(
  limitMs: number,
  what: string,
  work: (late: AbortSignal) => Promise<R>,
): Promise<R> {
  const late = new AbortController();
  const clock = new AbortController();
  const timeout = async (): Promise<never> => {
    await delay(limitMs, undefined, { signal: clock.signal });
    throw unavailable(new Error(`${what} took longer than ${limitMs} ms.`));
  };
  try {
    return await Promise.race([work(late.signal), timeout()]);
  } finally {
    late.abort();
    clock.abort();
  }
}
