import pTimeout from 'p-timeout';
import { unavailable } from '../wire/errors.ts';

/**
 * Returns the result of `work` if it comes within the limit; a later result is dropped. `late` notifies the work that
 * its caller no longer waits.
 * @throws what the work throws.
 * @throws ExportError SERVICE_UNAVAILABLE at the limit.
 */
export async function withTimeout<R>(
  limitMs: number,
  what: string,
  work: (late: AbortSignal) => Promise<R>,
): Promise<R> {
  const late = new AbortController();
  return await pTimeout(work(late.signal), {
    milliseconds: limitMs,
    fallback: () => {
      late.abort();
      throw unavailable(new Error(`${what} took longer than ${limitMs} ms.`));
    },
  });
}
