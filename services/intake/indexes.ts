import { outboxIndex, type IndexTable } from '@waybill/mongo';

/** Every index of this service by collection, for the queries of job-store.ts, preset-store.ts and personal-keys.ts. */
export const indexes: IndexTable = {
  jobs: [
    // One job per user and Idempotency-Key, for a day. A unique key hashes company and user too, so that the index has a
    // single field: a compound sparse index would contain every document, because company and user are always set.
    { key: { unique_keys: 1 }, name: 'unique_keys', unique: true, sparse: true },
    // One running job per user and identical request.
    { key: { active_key: 1 }, name: 'active_key', unique: true, sparse: true },
    outboxIndex,
    { key: { cancel_requested: 1 }, name: 'cancel', partialFilterExpression: { cancel_requested: true } },
    { key: { company_id: 1, held_until: 1 }, name: 'held_bytes' },
    // The running jobs of a person, newest request first.
    {
      key: { company_id: 1, user_id: 1, ended_at: 1, accepted_at: -1, _id: -1 },
      name: 'person_ended_accepted',
    },
    // For retention by the end, and for the jobs without an end, oldest first.
    { key: { ended_at: 1, queued_at: 1 }, name: 'ended_queued' },
    { key: { keyed_at: 1 }, name: 'key_retention', partialFilterExpression: { keyed_at: { $exists: true } } },
  ],
  presets: [
    { key: { name_key: 1 }, name: 'name_key', unique: true },
    { key: { company_id: 1, user_id: 1 }, name: 'person' },
  ],
};
