import type { Logger, Metrics } from '@waybill/observability';
import type { Probes } from './probes.ts';

/** What `runMain` passes to a service. */
export interface ServiceContext {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly probes: Probes;
  /** Aborted when the service has to stop, even while it is still starting. */
  readonly signal: AbortSignal;
}

/** A started service. */
export interface RunningService {
  /** Finishes or returns open work. Must not take longer than 25 s. */
  stop(): Promise<void>;
  /** The port of its HTTP server. */
  readonly port?: number;
  /** The port of its /livez, /readyz and /metrics. */
  readonly operatorPort?: number;
  /** Rejects if the service can never work, for example because its indexes cannot be created. The process then ends. */
  readonly failure?: Promise<never>;
}
