import type { Logger } from '@waybill/observability';

export interface ProcessWatch {
  readonly logger: Logger;
  readonly stopLimitMs: number;
}

/** Ctrl-C sends SIGINT twice if npm forwards it as well. Signals within this time count as one. */
const repeatedSignalMs = 500;

/** The exit status of a process that SIGINT ended (128 + 2). */
const interrupted = 130;

/**
 * Returns a signal that is aborted on SIGTERM or SIGINT, or when the supervisor that spawned the process has ended. The
 * process exits with 1 if it has not stopped within the limit or an error is not handled, and with 130 on a second
 * SIGINT.
 */
export function watchProcess({ logger, stopLimitMs }: ProcessWatch): AbortSignal {
  const stopping = new AbortController();
  let askedAt: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    if (askedAt !== undefined) {
      if (name === 'SIGINT' && performance.now() - askedAt > repeatedSignalMs) {
        logger.warn({}, 'service stopped at once');
        process.exit(interrupted);
      }
      return;
    }
    askedAt = performance.now();
    logger.info({ signal: name }, 'service stopping');
    setTimeout(() => {
      logger.fatal({ limit_ms: stopLimitMs }, 'service did not stop in time');
      process.exit(1);
    }, stopLimitMs);
    stopping.abort(new Error(`The service is stopping (${name}).`));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // A closed channel means that the supervisor has ended, even if it was killed. Nothing else would stop this process.
  process.on('disconnect', () => stop('SIGTERM'));
  // After an unhandled error the state cannot be trusted. The orchestrator starts the process again.
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ error, origin }, 'error not handled');
    process.exit(1);
  });
  return stopping.signal;
}
