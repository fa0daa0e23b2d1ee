import type { Logger, Metrics } from '@waybill/observability';
import type { Probes } from './probes.ts';

/** What a service gets from its life cycle. */
export interface ServiceContext {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly probes: Probes;
  /** Aborted when the service is to stop, also while it is still starting. */
  readonly signal: AbortSignal;
}

/** What a service gives back once it runs. */
export interface RunningService {
  /** Finishes or hands back what is open. Has 25 s. */
  stop(): Promise<void>;
  /** Where its HTTP server listens. */
  readonly port?: number;
}
