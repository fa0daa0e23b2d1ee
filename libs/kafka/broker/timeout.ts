import { unavailable } from '../wire/errors.ts';

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
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      late.abort();
      reject(unavailable(new Error(`${what} took longer than ${limitMs} ms.`)));
    }, limitMs);
  });
  try {
    return await Promise.race([work(late.signal), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
