import { setTimeout as delay } from 'node:timers/promises';
import { ExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { delayAfter, type BackOff } from './back-off.ts';

export interface KeepTryingOptions extends Partial<BackOff> {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Waits for so many ms, or rejects when the signal is aborted; the clock by default. */
  readonly pause?: (delayMs: number, signal: AbortSignal) => Promise<unknown>;
}

const byTheClock = (delayMs: number, signal: AbortSignal) => delay(delayMs, undefined, { signal });

/**
 * Tries until it succeeds: for a server that is down when the service starts. Each failure is one log line with the
 * delay until the next try (0.5 s, doubled up to 30 s, with jitter); the service stays up and not ready. Rejects with the
 * signal's reason when that is aborted, and at once with an ExportError that no retry helps.
 */
export async function keepTrying<T>(
  what: string,
  attempt: () => Promise<T>,
  { signal, logger, fromMs = 500, toMs = 30_000, pause = byTheClock }: KeepTryingOptions,
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
        // Rather the reason why we stop than the timer's word that it was stopped.
        signal.throwIfAborted();
        throw failure;
      });
    }
  }
}
