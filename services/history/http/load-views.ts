import type { Caller } from '@waybill/auth';
import { isUnreadable, openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import { companyId, userId } from '@waybill/domain';
import type { Language } from '@waybill/errors';
import type { AuditStore, DownloadDocument } from '../downloads/audit-store.ts';
import { openVisitor } from '../downloads/visitor.ts';
import type { EntryDocument } from '../entries/entry.ts';
import { registrationId, type RegistrationStore } from '../registration/registration-store.ts';
import { entryView, type EntryView } from './entry-view.ts';

export interface ViewDeps {
  readonly audit: AuditStore;
  readonly registrations: RegistrationStore;
  readonly opener: Opener;
  readonly downloadUrl: (jobId: string) => string;
  readonly now: () => Date;
}

/** Returns the views of entries, with requester, downloads and alert threshold. */
export async function loadEntryViews(
  deps: ViewDeps,
  entries: readonly EntryDocument[],
  language: Language,
): Promise<readonly EntryView[]> {
  const tallies = await deps.audit.tallies(entries.map((entry) => entry._id));
  const thresholds = await deps.registrations.thresholds(entries.map(registrationId));
  return Promise.all(
    entries.map(async (entry) =>
      entryView(entry, {
        person: await personOf(deps.opener, entry),
        downloads: tallies.get(entry._id) ?? { count: 0, lastAt: undefined },
        threshold: thresholds.get(registrationId(entry)),
        language,
        downloadUrl: deps.downloadUrl(entry._id),
        now: deps.now(),
      }),
    ),
  );
}

/** Returns the views of clicks on a job's file; email, address and agent for administrators of its company. */
export async function loadDownloadViews(
  { opener }: ViewDeps,
  clicks: readonly DownloadDocument[],
  of: { readonly entry: EntryDocument; readonly caller: Pick<Caller, 'companyId' | 'permissions'> },
) {
  const { entry, caller } = of;
  const showsVisitors =
    caller.companyId === entry.company_id && caller.permissions.includes('contacts.export.admin');
  return Promise.all(
    clicks.map(async (click) => {
      const scope = { companyId: click.company_id, userId: click.user_id };
      const { personal } = click;
      const visitor =
        personal === null || !showsVisitors ? undefined : await openVisitor(opener, personal, scope);
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

/** Returns the requester; undefined if it cannot be read, so that the rest of the entry is still shown. */
async function personOf(opener: Opener, entry: EntryDocument): Promise<PersonalData | undefined> {
  if (entry.personal === null) return undefined;
  try {
    const scope = { companyId: companyId(entry.company_id), userId: userId(entry.user_id) };
    return await openPersonal(opener, entry.personal, scope);
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}
