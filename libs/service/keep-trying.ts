import { setTimeout as delay } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { delayAfter, type BackOff } from './back-off.ts';

export interface KeepTryingOptions extends Partial<BackOff> {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Waits for the given ms, or rejects when the signal is aborted. A timer by default. */
  readonly pause?: (delayMs: number, signal: AbortSignal) => Promise<unknown>;
}

const waitByTimer = (delayMs: number, signal: AbortSignal) => delay(delayMs, undefined, { signal });

/**
 * Calls `attempt` until it succeeds. Used for a server that is down when the service starts. Logs one line for each
 * failure, with the delay until the next attempt (0.5 s, doubled up to 30 s, with jitter).
 * @throws the signal's reason when the signal is aborted, and at once an ExportError that is not retryable.
 */
export async function keepTrying<T>(
  what: string,
  attempt: () => Promise<T>,
  { signal, logger, fromMs = 500, toMs = 30_000, pause = waitByTimer }: KeepTryingOptions,
): Promise<T> {
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      const result = await attempt();
      if (failures > 0) logger.info({ server: what, failures }, 'server answers again');
      return result;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ExportError && !error.retryable) throw error;
      failures += 1;
      const delayMs = delayAfter(failures, { fromMs, toMs }, Math.random());
      logger.warn({ server: what, failures, retry_in_ms: delayMs, error }, 'server does not answer');
      await pause(delayMs, signal).catch((failure: unknown) => {
        // The signal's reason says more than the timer's AbortError.
        signal.throwIfAborted();
        throw failure;
      });
    }
  }
}
