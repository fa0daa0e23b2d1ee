import type { ExportRequest } from '../request/export-request.ts';

/** Returns a parsed request that exports all contacts. */
export function sampleRequest(request: Partial<ExportRequest> = {}): ExportRequest {
  return {
    selection_mode: 'all',
    layout_id: 'default',
    selected_fields: ['first_name', 'email'],
    format: 'xlsx',
    timezone: 'Asia/Jakarta',
    source: [],
    excluded_ids: [],
    ...request,
  };
}
