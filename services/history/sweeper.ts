import type { Logger } from '@waybill/logging';
import type { AuditStore } from './audit-store.ts';
import type { EntryStore } from './entry-store.ts';
import type { RegistrationStore } from './registration-store.ts';

export interface SweeperParts {
  readonly entries: EntryStore;
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Removes what is past its time. @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export async function sweep(parts: SweeperParts): Promise<void> {
  const now = new Date(parts.now());
  const entries = await parts.entries.removePast(now);
  const downloads = await parts.audit.removePast(now);
  const registrations = await parts.registrations.removePast(now);
  if (entries + downloads + registrations > 0) {
    parts.logger.info({ entries, downloads, registrations }, 'swept');
  }
}
