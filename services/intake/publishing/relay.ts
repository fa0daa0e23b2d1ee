import type { Logger } from '@waybill/observability';
import type { JobId } from '@waybill/domain';

/**
 * Relays that may run at once. With Kafka down each holds its job for the time limit of a send (5 s); what does not
 * fit is left to the sweeper, which is there for that.
 */
const maximumInFlight = 64;

/** Publishes a job's event right after it was accepted, beside the answer. */
export interface Relay {
  /** Returns at once; never throws. `publish` gives false when it did not; the sweeper will. */
  begin(jobId: JobId, publish: () => Promise<boolean>): void;
  /** Resolves when what has begun is over. */
  drain(): Promise<void>;
}

export function createRelay({ logger }: { readonly logger: Logger }): Relay {
  const running = new Set<Promise<void>>();

  async function run(jobId: JobId, publish: () => Promise<boolean>): Promise<void> {
    try {
      if (!(await publish())) logger.warn({ job_id: jobId }, 'event left to the sweeper');
    } catch (error) {
      logger.warn({ job_id: jobId, error }, 'event left to the sweeper');
    }
  }

  return {
    begin(jobId, publish) {
      if (running.size >= maximumInFlight) return;
      const task = run(jobId, publish).finally(() => running.delete(task));
      running.add(task);
    },
    async drain() {
      await Promise.all(running);
    },
  };
}
