import type { Tombstones } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import { repeatedWork, type Work } from '@waybill/service';
import type { AuditStore } from './downloads/audit-store.ts';
import type { EntryStore } from './entries/entry-store.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { Registration } from './registration/registration.ts';

export interface SweepDeps {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly erasures: Tombstones;
  readonly registration: Registration;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface SweeperDeps extends SweepDeps {
  /** Time between two sweeps, in milliseconds. */
  readonly everyMs: number;
}

/** Creates the sweeper: after its start it sweeps at once and then once every `everyMs`. A sweep that fails is logged. */
export function createSweeper(deps: SweeperDeps): Work {
  return repeatedWork({
    everyMs: deps.everyMs,
    atOnce: true,
    logger: deps.logger,
    failure: 'sweep failed',
    work: () => sweep(deps),
  });
}

/**
 * Removes expired documents and offers another system the registrations that it has not accepted yet.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function sweep(deps: SweepDeps): Promise<void> {
  const now = deps.now();
  const entries = await deps.entries.removePast(now);
  const downloads = await deps.audit.removePast(now);
  const registrations = await deps.registrations.removePast(now);
  const erasures = await deps.erasures.removePast(now);
  if (entries + downloads + registrations + erasures > 0) {
    deps.logger.info({ entries, downloads, registrations, erasures }, 'expired documents removed');
  }
  await deps.registration.catchUp(deps.signal);
}
