import type { Logger } from '@waybill/observability';

export interface RepeatOptions {
  readonly everyMs: number;
  /** Whether the first run starts at once; after `everyMs` by default. */
  readonly atOnce?: boolean;
  readonly logger: Logger;
  /** The constant message of the log line for a run that failed. */
  readonly failure: string;
  readonly work: () => Promise<unknown>;
}

/** Work that runs at an interval. */
export interface Repeating {
  /** Starts no further run and waits for the current one. */
  stop(): Promise<void>;
}

/** Runs work at an interval, one run at a time. A failed run is logged, and the next one runs as usual. */
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
