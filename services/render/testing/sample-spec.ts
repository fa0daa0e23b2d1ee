import { exportSpec } from '@waybill/fixtures';

/** An export of all contacts, for tests of render. */
export const sampleSpec = exportSpec({
  organization_id: 'o',
  user_id: 'u',
  requested_at: 0,
  selection_mode: 'all',
  layout_id: 'l',
  fields: ['first_name', 'birthday', 'score'],
});
