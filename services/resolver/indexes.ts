import type { IndexTable } from '@waybill/mongo';

/** Indexes of the sweeper; every other query is by `_id`. */
export const resolverIndexes: IndexTable = {
  resolutions: [
    { key: { created_at: 1 }, name: 'created_at' },
    { key: { state: 1, updated_at: 1 }, name: 'state_updated_at' },
  ],
  selection_chunks: [{ key: { created_at: 1 }, name: 'created_at' }],
};
