import type { Logger } from '@waybill/observability';

export interface RepeatOptions {
  readonly everyMs: number;
  /** Whether the first run comes now, or after `everyMs`. */
  readonly atOnce?: boolean;
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
export function repeat({ everyMs, atOnce = false, logger, failure, work }: RepeatOptions): Repeating {
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= work()
      .then(
        () => undefined,
        (error: unknown) => logger.warn({ error }, failure),
      )
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, everyMs);
  if (atOnce) run();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
