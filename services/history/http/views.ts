import { openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import { asExportError } from '@waybill/errors';
import { companyId, userId, type Locale } from '@waybill/domain';
import type { AuditStore } from '../downloads/audit-store.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { registrationId, type RegistrationStore } from '../registration/registration-store.ts';
import { entryView, type EntryView } from './entry-view.ts';
import { openVisitor } from '../downloads/visitor.ts';

export interface ViewParts {
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly opener: Opener;
  readonly downloadUrl: (jobId: string) => string;
  readonly now: () => number;
}

/** The audit's part of an answer is bounded; who wants more reads the events. */
const shownDownloads = 200;

/** Entries with what stands beside them: who asked, who downloaded, and what was marked. */
export async function viewsOf(
  parts: ViewParts,
  entries: readonly EntryDocument[],
  locale: Locale,
): Promise<readonly EntryView[]> {
  const tallies = await parts.audit.tallies(entries.map((entry) => entry._id));
  const thresholds = await parts.registrations.thresholds(entries.map(registrationId));
  return Promise.all(
    entries.map(async (entry) =>
      entryView(entry, {
        person: await personOf(parts.opener, entry),
        downloads: tallies.get(entry._id) ?? { count: 0, lastAt: undefined },
        threshold: thresholds.get(registrationId(entry)),
        locale,
        downloadUrl: parts.downloadUrl(entry._id),
        now: parts.now(),
      }),
    ),
  );
}

/** The latest clicks on a job's file, newest first. */
export async function downloadViews({ audit, opener }: ViewParts, entry: EntryDocument) {
  const clicks = await audit.ofJob(entry._id, shownDownloads);
  return Promise.all(
    clicks.map(async (click) => {
      const scope = { companyId: click.company_id, userId: click.user_id };
      const visitor = click.personal === null ? undefined : await openVisitor(opener, click.personal, scope);
      return {
        id: click._id,
        at: click.at.toISOString(),
        outcome: click.outcome,
        code: click.code,
        user_id: click.user_id,
        email: visitor?.email ?? null,
        address: visitor?.address ?? null,
        agent: visitor?.agent ?? null,
      };
    }),
  );
}

/** Undefined where the key is gone: the rest of the entry is still worth showing. */
async function personOf(opener: Opener, entry: EntryDocument): Promise<PersonalData | undefined> {
  if (entry.personal === null) return undefined;
  try {
    const scope = { companyId: companyId(entry.company_id), userId: userId(entry.user_id) };
    return await openPersonal(opener, entry.personal, scope);
  } catch (error) {
    if (asExportError(error, 'EXPORT_FAILED').code === 'SEALED_DATA_UNREADABLE') return undefined;
    throw error;
  }
}
