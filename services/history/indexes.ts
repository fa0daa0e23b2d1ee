import type { TombstoneDocument } from '@waybill/erasure';
import { outboxIndex, type IndexTable, type Store } from '@waybill/mongo';
import type { Collection } from 'mongodb';
import type { DownloadDocument } from './downloads/audit-store.ts';
import type { EntryDocument } from './entries/entry.ts';
import type { RegistrationDocument } from './registration/registration-store.ts';

/** The service's collections. No other service reads them. */
export interface Collections {
  /** Built from export.completed alone, so it can be dropped and rebuilt. */
  readonly entries: Collection<EntryDocument>;
  /** The download audit. Never drop it: no topic contains it. */
  readonly downloads: Collection<DownloadDocument>;
  /** The attempts that were registered. Never drop it: they would be registered again. */
  readonly registrations: Collection<RegistrationDocument>;
  /** The people and companies that a rebuild must not bring back. Never drop it. */
  readonly erasures: Collection<TombstoneDocument>;
}

export function collectionsOf({ db }: Store): Collections {
  return {
    entries: db.collection('entries'),
    downloads: db.collection('downloads'),
    registrations: db.collection('registrations'),
    erasures: db.collection('erasures'),
  };
}

const keepUntil = { key: { keep_until: 1 }, name: 'keep_until' } as const;

export const indexes: IndexTable = {
  entries: [
    { key: { company_id: 1, requested_at: -1, _id: -1 }, name: 'company' },
    { key: { company_id: 1, user_id: 1, requested_at: -1, _id: -1 }, name: 'person' },
    { key: { organization_id: 1, requested_at: -1, _id: -1 }, name: 'organization' },
    keepUntil,
  ],
  downloads: [
    outboxIndex,
    { key: { job_id: 1, at: -1 }, name: 'job' },
    // For an erasure, and for the number of a person's refused clicks.
    { key: { visitor_company_id: 1, user_id: 1, at: -1 }, name: 'visitor' },
    keepUntil,
  ],
  registrations: [outboxIndex, { key: { state: 1, at: 1 }, name: 'state' }, keepUntil],
};
