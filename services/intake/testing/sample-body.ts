import type { ExportBody } from '../request/export-request.ts';

/** A body that exports all contacts, as the schema gives it back. */
export function sampleBody(body: Partial<ExportBody> = {}): ExportBody {
  return {
    selection_mode: 'all',
    layout_id: 'default',
    selected_fields: ['first_name', 'email'],
    format: 'xlsx',
    timezone: 'Asia/Jakarta',
    source: [],
    ...body,
  };
}
