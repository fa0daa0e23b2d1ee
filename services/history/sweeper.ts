import type { Tombstones } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import type { SweepRun } from '@waybill/service';
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
  readonly logger: Logger;
}

/** Removes expired documents and offers another system the registrations that it has not accepted yet. */
export async function sweep(deps: SweepDeps, { step, now, signal }: SweepRun): Promise<void> {
  const entries = await step('entries', () => deps.entries.removePast(now));
  const downloads = await step('downloads', () => deps.audit.removePast(now));
  const registrations = await step('registrations', () => deps.registrations.removePast(now));
  const erasures = await step('erasures', () => deps.erasures.removePast(now));
  if (entries + downloads + registrations + erasures > 0) {
    deps.logger.info({ entries, downloads, registrations, erasures }, 'expired documents removed');
  }
  await step('pending registrations', async () => {
    await deps.registration.catchUp(signal);
    return 0;
  });
}
