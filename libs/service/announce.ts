import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@waybill/observability';
import { delayAfter } from './back-off.ts';
import type { Probes } from './probes.ts';

export interface Announcement {
  readonly probes: Probes;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly port: number | undefined;
}

/** Quick at first, since who starts a service waits for the line; then no burden on a server that is down. */
const pace = { fromMs: 100, toMs: 2_000 };

/**
 * Logs `service ready` once every dependency answers, and until then which ones do not, whenever that changes. Ends
 * without a line where the service is to stop first.
 */
export async function announceWhenReady({ probes, logger, signal, port }: Announcement): Promise<void> {
  // A function, since the answer changes while we wait.
  const stopped = () => signal.aborted;
  let reported = '';
  for (let failures = 1; !stopped(); failures += 1) {
    const { ready, errors } = await probes.check();
    if (stopped()) return;
    if (ready) {
      logger.info(port === undefined ? {} : { http_port: port }, 'service ready');
      return;
    }
    const missing = Object.keys(errors).sort();
    if (missing.join() !== reported) logger.warn({ waiting_for: missing, errors }, 'service not ready');
    reported = missing.join();
    // An aborted delay only means that the loop ends.
    await delay(delayAfter(failures, pace, Math.random()), undefined, { signal }).catch(() => undefined);
  }
}
