import { formats, jobStatuses, phases } from '@waybill/domain';
import { failureSchema, fileSchema } from '@waybill/http';
import { z } from 'zod';

const instant = z.iso.datetime().describe('ISO 8601, UTC');
const count = z.int().min(0);

const cellCountsSchema = z
  .object({
    total: count,
    by_field: z
      .record(z.string(), count)
      .describe('Field name to count; fields with a count of 0 are left out'),
  })
  .describe('Count of cells, in total and by field');

export const receiptSchema = z
  .object({
    matched: count.describe('Contacts in the frozen selection: matched = written + skipped, always'),
    written: count.describe('Rows in the file'),
    skipped: count.describe('Contacts that were deleted before they were read'),
    cells_truncated: cellCountsSchema,
    cells_as_text: cellCountsSchema,
    characters_replaced: cellCountsSchema,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    bytes: count,
    snapshot_at: instant,
    timezone: z.string(),
    timezone_database: z.string().nullable().describe('Version of the IANA timezone database, such as 2026c'),
    fields: z.array(z.string()).readonly(),
    format: z.enum(formats),
    attempt: z.int().min(1),
  })
  .describe('Proves that nothing is missing from the file');

export const statusSchema = z
  .object({
    job_id: z.uuid(),
    job_type: z.literal('export'),
    status: z.enum(jobStatuses),
    phase: z.enum(phases).nullable().describe('Set only while the status is processing'),
    attempt: z.int().min(1).describe('Counts up with each retry'),
    format: z.enum(formats),
    total_records: count
      .nullable()
      .describe(
        'Contacts selected: counted at the request, then the size of the frozen list; null until one is known',
      ),
    success_count: count.describe('Rows written'),
    failed_count: count.describe('Contacts skipped, since they no longer exist'),
    progress: z.int().min(0).max(100).describe('Percent'),
    eta_seconds: count.nullable().describe('Null until a pace is known'),
    cancel_requested: z.boolean(),
    failure_reason: z.string().nullable().describe('A code of the error catalogue'),
    failure: failureSchema.nullable(),
    requested_at: instant,
    completed_at: instant.nullable(),
    file: fileSchema.nullable().describe('Null until the job has completed; kept after the file was removed'),
    receipt: receiptSchema.nullable(),
  })
  .describe('A job as its requester sees it');

/** A job as its requester sees it: the answer of status, status events, cancel and retry. */
export type StatusView = z.output<typeof statusSchema>;
