import type { Logger } from '@waybill/logging';

export interface RepeatOptions {
  readonly everyMs: number;
  readonly logger: Logger;
  /** The constant message of the log line for a run that failed. */
  readonly failure: string;
  readonly work: () => Promise<unknown>;
}

/** Work that is done every so often. */
export interface Repeating {
  /** Begins no further run and lets the one at work finish. */
  stop(): Promise<void>;
}

/** Does a piece of work every so often, one run at a time. A failed run is logged, and the next one comes. */
export function repeat({ everyMs, logger, failure, work }: RepeatOptions): Repeating {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .then(
        () => undefined,
        (error: unknown) => logger.warn({ error }, failure),
      )
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
