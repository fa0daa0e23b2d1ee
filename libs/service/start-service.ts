import { ExportError } from '@waybill/errors';
import type { HttpRouter } from '@waybill/http';
import { prepare } from './prepare.ts';
import { repeat, type RepeatOptions, type Repeating } from './repeat.ts';
import { serveHttp } from './serve-http.ts';
import type { RunningService, ServiceContext } from './types.ts';

/** A consumer, an outbox or repeated work: whatever runs between the start and the stop of a service. */
export interface Work {
  start(): unknown;
  stop(): Promise<unknown>;
}

export interface ServicePlan {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly router: HttpRouter;
  /** Repeated until it succeeds, while MongoDB is down. */
  readonly ensureIndexes: () => Promise<unknown>;
  /** Started in this order once the indexes exist. Stopped at the same time. */
  readonly work: readonly Work[];
  /** Closes the connections. Called last. */
  readonly close: () => Promise<unknown>;
  /** Aborted first when the service stops, so that open event streams end. */
  readonly stopping?: AbortController;
}

/**
 * Starts a service in the order of all services: it listens, creates its indexes, then starts its work. Until the
 * indexes exist, /readyz and every request answer 503. Stops in the reverse order: requests end, then the work, then
 * the connections.
 * @throws ExportError CONFIGURATION_INVALID if the port is in use.
 */
export async function startService(plan: ServicePlan, context: ServiceContext): Promise<RunningService> {
  const { host, port, router, work, stopping = new AbortController() } = plan;
  const { probes, signal, logger } = context;
  let indexed = false;
  const requireIndexes = (): void => {
    if (!indexed) throw new ExportError('SERVICE_UNAVAILABLE');
  };
  probes.add('indexes', () => Promise.resolve().then(requireIndexes));
  const http = await serveHttp({ ...context, host, port, router, beforeRequest: requireIndexes });

  const starting = prepare('mongodb', plan.ensureIndexes, {
    signal: AbortSignal.any([signal, stopping.signal]),
    logger,
    failure: 'indexes not created',
  }).then(async (created) => {
    if (!created || stopping.signal.aborted) return;
    indexed = true;
    await Promise.all(work.map((part) => part.start()));
  });
  return {
    port: http.port,
    async stop() {
      stopping.abort();
      await http.stop();
      await Promise.all(work.map((part) => part.stop()));
      await starting;
      await plan.close();
    },
  };
}

/** Returns `repeat(options)` as work that begins with `start()`. */
export function repeatedWork(options: RepeatOptions): Work {
  let repeating: Repeating | undefined;
  return {
    start: () => {
      repeating = repeat(options);
    },
    stop: async () => repeating?.stop(),
  };
}
