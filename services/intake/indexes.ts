import { outboxIndex, type IndexTable } from '@waybill/mongo';

/** Every index of this service, by collection. Its queries are in store.ts, presets.ts and personal-keys.ts. */
export const indexes: IndexTable = {
  jobs: [
    // One job for a user's Idempotency-Key, for a day. A claim holds company and user: the index stays single-field,
    // because a compound sparse index would hold every document (company and user are always there).
    { key: { key_claims: 1 }, name: 'key_claims', unique: true, sparse: true },
    // One running job for identical requests of a user.
    { key: { active_claim: 1 }, name: 'active_claim', unique: true, sparse: true },
    outboxIndex,
    { key: { cancel_requested: 1 }, name: 'cancel', partialFilterExpression: { cancel_requested: true } },
    { key: { company_id: 1, held_until: 1 }, name: 'held_bytes' },
    { key: { ended_at: 1 }, name: 'retention' },
    { key: { keyed_at: 1 }, name: 'key_retention', partialFilterExpression: { keyed_at: { $exists: true } } },
  ],
  presets: [
    { key: { name_claim: 1 }, name: 'name_claim', unique: true },
    { key: { company_id: 1, user_id: 1 }, name: 'person' },
  ],
};
