import type { Tombstones } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import { repeat, type Repeating } from '@waybill/service';
import type { AuditStore } from './downloads/audit-store.ts';
import type { EntryStore } from './entries/entry-store.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { Registration } from './registration/registration.ts';

export interface SweeperDeps {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly erasures: Tombstones;
  readonly registration: Registration;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Sweeps now and then every `everyMs`. A sweep that fails is logged. */
export function startSweeping(deps: SweeperDeps, everyMs: number): Repeating {
  return repeat({
    everyMs,
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
export async function sweep(deps: SweeperDeps): Promise<void> {
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
