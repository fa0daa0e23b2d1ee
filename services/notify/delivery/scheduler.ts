import type { Logger } from '@waybill/observability';
import type { BackOff, Work } from '@waybill/service';
import type { DeliveryDocument, DeliveryStore, LeaseTime } from './delivery-store.ts';
import type { TryResult } from './delivery.ts';
import { maySend, noOutage, outageAfter } from './outage.ts';
import type { SendSignals } from './send-delivery.ts';

export interface SchedulerDeps {
  readonly deliveries: Pick<DeliveryStore, 'leaseDue'>;
  readonly send: (delivery: DeliveryDocument, signals: SendSignals) => Promise<TryResult>;
  /** Sends at the same time. */
  readonly connections: number;
  /** How often to look for deliveries that are due; `wake` looks at once. */
  readonly pollMs: number;
  readonly leaseMs: number;
  /** The delay between two tries while the mail server does not answer. */
  readonly probe: BackOff;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Sends the deliveries that are due, one scheduler per process. Processes share the work by leases. */
export interface Scheduler extends Work {
  /** Looks for due deliveries now: one was stored. */
  wake(): void;
  /** Returns a lease that starts now. */
  leaseTime(): LeaseTime;
  /** Sends a delivery that the caller has leased, whatever else is due. Resolves when it was tried. */
  sendLeased(delivery: DeliveryDocument): Promise<void>;
}

/** A stop lets sends finish for this time, then aborts them: less than the 25 s of a service's stop. */
const sendGraceMs = 10_000;
/** A stop ends the attempts to record results after this time. */
const recordGraceMs = 18_000;

/**
 * Creates the scheduler. While the mail server does not answer, it tries one delivery at a time, with back-off; the first
 * answer lets it send everything that is due. So an outage costs each delivery few tries, and ends for all at once.
 */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { deliveries, connections, pollMs, leaseMs, probe, logger, now } = deps;
  const stopping = new AbortController();
  const abortSends = new AbortController();
  const abortRecords = new AbortController();
  const sending = new Set<Promise<void>>();
  let woken = Promise.withResolvers<undefined>();
  let running: Promise<void> | undefined;
  let outage = noOutage;

  const wake = (): void => woken.resolve(undefined);

  const leaseTime = (): LeaseTime => {
    const start = now();
    return { now: start, until: new Date(start.getTime() + leaseMs) };
  };

  const mayStart = (): boolean =>
    maySend(outage, { sending: sending.size, connections, now: now().getTime() });

  const noteResult = (result: TryResult): void => {
    outage = outageAfter(outage, result, { probe, now: now().getTime(), random: Math.random() });
  };

  const sendLeased = (delivery: DeliveryDocument): Promise<void> => {
    const send = deps
      .send(delivery, { send: abortSends.signal, record: abortRecords.signal })
      .then(noteResult)
      .catch((error: unknown) => {
        logger.error({ delivery_id: delivery._id, error }, 'delivery not recorded');
      })
      .finally(() => {
        sending.delete(send);
        wake();
      });
    sending.add(send);
    return send;
  };

  const leaseDue = async (): Promise<DeliveryDocument | undefined> => {
    try {
      return await deliveries.leaseDue(leaseTime());
    } catch (error) {
      logger.warn({ error }, 'due deliveries not read');
      return undefined;
    }
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = Promise.withResolvers();
      const delivery = mayStart() ? await leaseDue() : undefined;
      if (delivery === undefined) {
        const timer = setTimeout(wake, pollMs);
        await woken.promise;
        clearTimeout(timer);
      } else {
        void sendLeased(delivery);
      }
    }
  };

  return {
    wake,
    leaseTime,
    sendLeased,
    start: () => {
      running = run();
    },
    stop: async () => {
      stopping.abort();
      wake();
      const timers = [
        setTimeout(() => abortSends.abort(), sendGraceMs),
        setTimeout(() => abortRecords.abort(), recordGraceMs),
      ];
      await running;
      await Promise.all(sending);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
