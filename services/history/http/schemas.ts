/** Schemas of the answers. The OpenAPI document shows them, and its test checks the answers against them. */
import { erasureAnswer } from '@waybill/erasure';
import { cursorPaginationSchema, failureSchema, fileSchema } from '@waybill/http';
import { formats, jobStatuses, selectionModes } from '@waybill/domain';
import { z } from 'zod';

const instant = z.iso.datetime();
const count = z.int().min(0);
const tally = z.strictObject({ total: count, by_field: z.record(z.string(), count) });

const receipt = z.strictObject({
  matched: count,
  written: count,
  skipped: count,
  cells_truncated: tally,
  cells_as_text: tally,
  characters_replaced: tally,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: count,
  snapshot_at: instant,
  timezone: z.string(),
  timezone_database: z.string().nullable(),
  fields: z.array(z.string()),
  format: z.enum(formats),
  attempt: z.int().min(1),
});

const entry = z.strictObject({
  job_id: z.uuid(),
  job_type: z.literal('export'),
  status: z.enum(jobStatuses),
  attempt: z.int().min(1),
  company_id: z.string(),
  organization_id: z.string(),
  requested_by: z.strictObject({
    user_id: z.string(),
    email: z.string().nullable(),
    name: z.string().nullable(),
    erased: z.boolean(),
  }),
  requested_at: instant,
  completed_at: instant,
  selection: z.strictObject({
    mode: z.enum(selectionModes),
    period: z.string().nullable(),
    start_date: z.string().nullable(),
    end_date: z.string().nullable(),
    sources: z.array(z.string()),
    excluded_count: count.describe('Contacts that were taken out of the selection one by one'),
    criterion: z.unknown(),
  }),
  layout: z.strictObject({ id: z.string(), name: z.string() }),
  fields: z.array(z.string()),
  format: z.enum(formats),
  timezone: z.string(),
  total_records: count.nullable(),
  success_count: count.nullable(),
  failed_count: count.nullable(),
  failure: failureSchema.nullable(),
  file: fileSchema.nullable(),
  receipt: receipt.nullable(),
  downloads: z.strictObject({ count, last_at: instant.nullable() }),
  governance: z.strictObject({ threshold: count }).nullable(),
});

const download = z.strictObject({
  id: z.uuid(),
  at: instant,
  outcome: z.enum(['granted', 'refused']),
  code: z.string().nullable(),
  user_id: z.string(),
  email: z.string().nullable().describe('With address and agent: for administrators only, else null'),
  address: z.string().nullable(),
  agent: z.string().nullable(),
});

const erased = z.strictObject({ entries: count, downloads: count, events: count, files: count });

export const responses = {
  History: z.strictObject({ data: z.array(entry), pagination: cursorPaginationSchema }),
  HistoryEntry: entry,
  Downloads: z.strictObject({ data: z.array(download), pagination: cursorPaginationSchema }),
  Skipped: z.strictObject({
    data: z.array(z.strictObject({ id: z.string().describe('Id of a contact') })),
    pagination: cursorPaginationSchema,
  }),
  Erasure: erasureAnswer(erased),
};
