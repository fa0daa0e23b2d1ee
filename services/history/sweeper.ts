import type { Tombstones } from '@waybill/erasure';
import type { Logger } from '@waybill/observability';
import type { AuditStore } from './downloads/audit-store.ts';
import type { EntryStore } from './entries/entry-store.ts';
import type { Registration } from './registration/registration.ts';
import type { RegistrationStore } from './registration/registration-store.ts';

export interface SweeperParts {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly erasures: Tombstones;
  readonly registration: Registration;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Removes what is past its time, and offers another system what it has not taken yet. @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export async function sweep(parts: SweeperParts): Promise<void> {
  const now = new Date(parts.now());
  const entries = await parts.entries.removePast(now);
  const downloads = await parts.audit.removePast(now);
  const registrations = await parts.registrations.removePast(now);
  const erasures = await parts.erasures.removePast(now);
  if (entries + downloads + registrations + erasures > 0) {
    parts.logger.info({ entries, downloads, registrations, erasures }, 'swept');
  }
  await parts.registration.catchUp(parts.signal);
}
