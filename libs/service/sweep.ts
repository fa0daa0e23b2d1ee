import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createLease, type Lease } from '@waybill/mongo';
import type { Counter, Histogram, Logger, Metrics } from '@waybill/observability';
import type { Db } from 'mongodb';
import { repeat, type Repeating } from './repeat.ts';
import type { Work } from './start-service.ts';

/**
 * Removes items one after the other and returns how many. An item that cannot be removed is logged and counted, and the
 * next one follows. `remove` returns false for an item that it kept.
 * @throws the reason of the run's signal once that is aborted.
 */
export type Each = <T>(items: readonly T[], remove: (item: T) => Promise<boolean>) => Promise<number>;

/** One run of a sweep. */
export interface SweepRun {
  /** Aborted when the service stops, when the lease is lost, and when the run has taken too long. */
  readonly signal: AbortSignal;
  /** The instant of the run. */
  readonly now: Date;
  /**
   * Does one step of the sweep and returns its count. A step that fails is logged and counted, and the next one runs.
   * @throws UnsafeSweep if the step does.
   * @throws the reason of `signal` once that is aborted.
   */
  readonly step: (what: string, work: (each: Each) => Promise<number>) => Promise<number>;
}

/**
 * What a sweep finds does not fit what is stored, as after a wrong setting or a lost database. The sweep ends before it
 * removes anything, and an operator looks.
 */
export class UnsafeSweep extends Error {
  override readonly name = 'UnsafeSweep';
  /** Fields of the log line. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>>) {
    super(message);
    this.details = details;
  }
}

export interface SweeperOptions<T = unknown> {
  readonly sweep: (run: SweepRun) => Promise<T>;
  /** The database of the service, which has the lease. */
  readonly db: Db;
  /** Time between two sweeps, in milliseconds. */
  readonly everyMs: number;
  /** A run that takes longer ends, and the next one continues; 5 minutes by default. */
  readonly limitMs?: number;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** The sweeper of a service. */
export interface Sweeper<T> extends Work {
  /**
   * Sweeps once, unless another process has the lease. Returns undefined if it has, or if the sweep did not end well, which
   * is logged and counted.
   * @throws ExportError SERVICE_UNAVAILABLE while the lease cannot be taken.
   */
  sweepOnce(): Promise<T | undefined>;
}

const defaultLimitMs = 300_000;

/** How long a stop waits for the current step. A server that hangs must not keep the process in its consumer groups. */
const stopWaitMs = 5_000;

/** Three runs, so that the process that has the lease keeps it. It is extended during a run. */
const leaseMs = (everyMs: number): number => Math.max(3 * everyMs, 5_000);

/**
 * Creates the sweeper of a service: it sweeps at its start and then once every `everyMs`, in one process of the
 * installation at a time. `stop` aborts the current run, waits at most 5 s for it and releases the lease.
 */
export function createSweeper<T>(options: SweeperOptions<T>): Sweeper<T> {
  const { db, everyMs, logger, now } = options;
  const ttlMs = leaseMs(everyMs);
  const lease = createLease({ db, name: 'sweep', owner: randomUUID(), ttlMs, now });
  const metrics = createSweepMetrics(options.metrics);
  const stopping = new AbortController();
  let repeating: Repeating | undefined;

  const sweepOnce = async (): Promise<T | undefined> => {
    if (stopping.signal.aborted || !(await lease.take())) return undefined;
    const limit = AbortSignal.timeout(options.limitMs ?? defaultLimitMs);
    const extending = extend(lease, ttlMs / 3, logger);
    const signal = AbortSignal.any([stopping.signal, limit, extending.lost]);
    try {
      return await runOnce(options.sweep, createRun({ signal, now: now(), metrics, logger }), {
        metrics,
        logger,
      });
    } finally {
      await extending.stop();
    }
  };

  return {
    sweepOnce,
    start: () => {
      if (stopping.signal.aborted) return;
      const failure = 'sweep not started';
      repeating = repeat({ everyMs, atOnce: true, logger, failure, work: sweepOnce });
    },
    stop: async () => {
      stopping.abort(new Error('the service stops'));
      const ended = async () => {
        await repeating?.stop();
        // If MongoDB is down, the lease expires by itself.
        await lease.release().catch(() => undefined);
      };
      await Promise.race([ended(), delay(stopWaitMs, undefined, { ref: false })]);
    },
  };
}

interface Extending {
  /** Aborted when another process has the lease. */
  readonly lost: AbortSignal;
  stop(): Promise<void>;
}

/** Extends a lease until it is stopped. */
function extend(lease: Lease, everyMs: number, logger: Logger): Extending {
  const lost = new AbortController();
  const repeating = repeat({
    everyMs,
    logger,
    failure: 'lease of the sweep not extended',
    work: async () => {
      if (!(await lease.take())) lost.abort(new Error('another process has the lease'));
    },
  });
  return { lost: lost.signal, stop: () => repeating.stop() };
}

interface SweepMetrics {
  readonly items: Counter<'what'>;
  readonly failures: Counter<'what'>;
  readonly stops: Counter;
  readonly seconds: Histogram<'outcome'>;
}

function createSweepMetrics(metrics: Metrics): SweepMetrics {
  return {
    items: metrics.counter('waybill_sweep_items_total', 'Items that the sweep removed or reported', ['what']),
    failures: metrics.counter('waybill_sweep_failures_total', 'Items and steps of the sweep that failed', [
      'what',
    ]),
    stops: metrics.counter('waybill_sweep_stops_total', 'Sweeps that stopped because they were not safe'),
    seconds: metrics.histogram(
      'waybill_sweep_seconds',
      'Duration of a sweep',
      ['outcome'],
      [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300],
    ),
  };
}

interface Reporting {
  readonly metrics: SweepMetrics;
  readonly logger: Logger;
}

/** Sweeps, measures, and reports how the sweep ended. */
async function runOnce<T>(
  sweep: (run: SweepRun) => Promise<T>,
  run: SweepRun,
  { metrics, logger }: Reporting,
): Promise<T | undefined> {
  const end = metrics.seconds.startTimer();
  try {
    const swept = await sweep(run);
    end({ outcome: 'done' });
    return swept;
  } catch (error) {
    if (error instanceof UnsafeSweep) {
      end({ outcome: 'unsafe' });
      metrics.stops.inc();
      logger.error({ error, ...error.details }, 'sweep stopped');
    } else if (run.signal.aborted) {
      end({ outcome: 'aborted' });
      logger.info({ reason: String(run.signal.reason) }, 'sweep aborted');
    } else {
      end({ outcome: 'failed' });
      metrics.failures.inc({ what: 'sweep' });
      logger.warn({ error }, 'sweep failed');
    }
    return undefined;
  }
}

function createRun({ signal, now, metrics, logger }: Reporting & Pick<SweepRun, 'signal' | 'now'>): SweepRun {
  /** Counts and logs a failure, unless it ends the run. */
  const failed = (what: string, error: unknown): void => {
    if (error instanceof UnsafeSweep) throw error;
    signal.throwIfAborted();
    metrics.failures.inc({ what });
    logger.warn({ what, error }, 'sweep failed in part');
  };
  const eachOf =
    (what: string): Each =>
    async (items, remove) => {
      let removed = 0;
      for (const item of items) {
        signal.throwIfAborted();
        try {
          if (await remove(item)) removed += 1;
        } catch (error) {
          failed(what, error);
        }
      }
      return removed;
    };
  return {
    signal,
    now,
    async step(what, work) {
      signal.throwIfAborted();
      try {
        const count = await work(eachOf(what));
        metrics.items.inc({ what }, count);
        return count;
      } catch (error) {
        failed(what, error);
        return 0;
      }
    },
  };
}
