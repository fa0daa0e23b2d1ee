import { ExportError } from '@waybill/errors';
import type { HttpRouter } from '@waybill/http';
import { keepTrying } from './keep-trying.ts';
import { repeat, type RepeatOptions, type Repeating } from './repeat.ts';
import { serveHttp } from './serve-http.ts';
import type { RunningService, ServiceContext } from './types.ts';

/** Something that runs between the start and the stop of a service: a consumer, an outbox or repeated work. */
export interface Work {
  start(): unknown;
  stop(): Promise<unknown>;
}

export interface ServicePlan {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The port of /livez, /readyz and /metrics; 0 takes any free port. */
  readonly operatorPort: number;
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
 * indexes exist, /readyz and every request answer 503. An index that can never be created rejects `failure`. When it
 * stops, requests end first, then the work, then the connections, which are closed whatever fails before.
 * @throws ExportError CONFIGURATION_INVALID if the port is in use.
 */
export async function startService(plan: ServicePlan, context: ServiceContext): Promise<RunningService> {
  const { host, port, operatorPort, router, work, stopping = new AbortController() } = plan;
  const { probes, signal, logger } = context;
  let indexed = false;
  const requireIndexes = (): void => {
    if (!indexed) throw new ExportError('SERVICE_UNAVAILABLE');
  };
  probes.add('indexes', () => Promise.resolve().then(requireIndexes));
  const http = await serveHttp({
    ...context,
    host,
    port,
    operatorPort,
    router,
    beforeRequest: requireIndexes,
  });

  const failure = Promise.withResolvers<never>();
  // A caller may not listen, such as a test.
  failure.promise.catch(() => undefined);
  const untilStop = AbortSignal.any([signal, stopping.signal]);
  const starting = keepTrying('mongodb', plan.ensureIndexes, { signal: untilStop, logger }).then(
    async () => {
      if (untilStop.aborted) return;
      indexed = true;
      await Promise.all(work.map((part) => part.start()));
    },
    (cause: unknown) => {
      if (!untilStop.aborted) failure.reject(new Error('The indexes cannot be created.', { cause }));
    },
  );
  return {
    port: http.port,
    operatorPort: http.operatorPort,
    failure: failure.promise,
    async stop() {
      stopping.abort();
      try {
        await http.stop();
      } finally {
        const stopped = await Promise.allSettled([...work.map((part) => part.stop()), starting]);
        await plan.close();
        const fault = stopped.find((result) => result.status === 'rejected');
        if (fault !== undefined) throw fault.reason;
      }
    },
  };
}

/** Returns work that calls `repeat(options)` when it is started. */
export function repeatedWork(options: RepeatOptions): Work {
  let repeating: Repeating | undefined;
  return {
    start: () => {
      repeating = repeat(options);
    },
    stop: async () => repeating?.stop(),
  };
}
