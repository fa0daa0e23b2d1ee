import type { IndexTable } from '@waybill/mongo';

/**
 * Indexes that the exports need. The collections are the CRM's: only a deployment or the seeder creates them, a
 * service never does.
 */
export const contactIndexes: IndexTable = {
  contacts: [
    // The default order, its key and its period.
    { key: { company_id: 1, created_at: -1, _id: -1 }, name: 'company_newest' },
    { key: { company_id: 1, source: 1, created_at: -1, _id: -1 }, name: 'company_source_newest' },
    // Contacts without a valid value in the sorted field follow by id.
    { key: { company_id: 1, _id: -1 }, name: 'company_id' },
  ],
  field_properties: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
  layouts: [{ key: { company_id: 1, position: 1 }, name: 'company_position' }],
};
