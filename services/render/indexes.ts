import { outboxIndex, type IndexTable } from '@waybill/mongo';

/** Indexes of the sweeps; every other query is by `_id`. */
export const renderIndexes: IndexTable = {
  jobs: [
    outboxIndex,
    { key: { state: 1, 'file.expires_at': 1 }, name: 'state_file_expires_at' },
    { key: { created_at: 1 }, name: 'created_at' },
  ],
};
