import type { Logger } from '@waybill/logging';
import type { JobId } from '@waybill/vocabulary';

/**
 * Relays that may run at once. With Kafka down each holds its job for the time limit of a send (5 s); what does not
 * fit is left to the sweeper, which is there for that.
 */
const maximumInFlight = 64;

/** Publishes a job's event right after it was accepted, beside the answer. */
export interface Relay {
  /** Returns at once; never throws. */
  begin(jobId: JobId): void;
  /** Resolves when what has begun is over. */
  drain(): Promise<void>;
}

export interface RelayOptions {
  /** False when it was not published; the sweeper will. */
  readonly relay: (jobId: JobId) => Promise<boolean>;
  readonly logger: Logger;
}

export function createRelay({ relay, logger }: RelayOptions): Relay {
  const running = new Set<Promise<void>>();

  async function publish(jobId: JobId): Promise<void> {
    try {
      if (!(await relay(jobId))) logger.warn({ job_id: jobId }, 'event left to the sweeper');
    } catch (error) {
      logger.warn({ job_id: jobId, error }, 'event left to the sweeper');
    }
  }

  return {
    begin(jobId) {
      if (running.size >= maximumInFlight) return;
      const task = publish(jobId).finally(() => running.delete(task));
      running.add(task);
    },
    async drain() {
      await Promise.all(running);
    },
  };
}
