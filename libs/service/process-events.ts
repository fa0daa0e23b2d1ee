import type { Logger } from '@waybill/observability';

export interface ProcessWatch {
  readonly logger: Logger;
  readonly stopLimitMs: number;
}

/** A terminal's Ctrl-C reaches us twice where npm passes it on as well: signals this close are one wish. */
const sameWishMs = 500;

/** The exit status of a process that SIGINT ended (128 + 2). */
const interrupted = 130;

/**
 * A signal that is aborted on SIGTERM or SIGINT, or when the supervisor that spawned the process is gone. The process
 * exits with 1 where it is not gone within the limit after that or where an error goes unhandled, and with 130 at a
 * second SIGINT.
 */
export function watchProcess({ logger, stopLimitMs }: ProcessWatch): AbortSignal {
  const stopping = new AbortController();
  let askedAt: number | undefined;
  const stop = (name: NodeJS.Signals) => {
    if (askedAt !== undefined) {
      if (name === 'SIGINT' && performance.now() - askedAt > sameWishMs) {
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
  // A supervisor that gave us a channel is gone when the channel closes, also where it was killed: nobody would stop us.
  process.on('disconnect', () => stop('SIGTERM'));
  // After an error that nothing handles, no state can be trusted: an orchestrator starts us anew.
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ error, origin }, 'error not handled');
    process.exit(1);
  });
  return stopping.signal;
}
