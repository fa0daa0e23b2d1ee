import type { Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { pageQuery, parseWith, positionOf, timezoneSchema } from '@waybill/http';
import { defaultTimezone, formats } from '@waybill/domain';
import type { PagePosition } from '@waybill/mongo';
import { DateTime } from 'luxon';
import { z } from 'zod';
import type { EntryQuery } from '../entries/entry-store.ts';
import { scopes, scopeToList } from '../entries/visibility.ts';

const day = z.iso.date();

export const listQuery = z.strictObject({
  scope: z.enum(scopes).optional(),
  user_id: z.string().min(1).max(128).optional(),
  status: z.enum(['completed', 'failed', 'cancelled', 'expired']).optional(),
  format: z.enum(formats).optional(),
  /** First and last calendar day of the request, both inclusive, in `timezone`. */
  from: day.optional(),
  to: day.optional(),
  timezone: timezoneSchema.default(defaultTimezone),
  ...pageQuery,
});

export const downloadsQuery = z.strictObject(pageQuery);

/** The cursor is a position in the list. */
export const skippedQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .describe('next_cursor of the page before')
    .optional(),
});

export interface ListRequest {
  readonly query: EntryQuery;
  readonly limit: number;
  readonly after: PagePosition | undefined;
}

const outcomes = {
  completed: 'SUCCEEDED',
  expired: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
} as const;

/**
 * Reads the parameters of a list, limited to what the caller may see. `now` decides which files have expired.
 * @throws ExportError VALIDATION_FAILED with the path of each fault; FORBIDDEN for a scope that the caller may not see.
 */
export function readListQuery(query: unknown, caller: Caller, now: Date): ListRequest {
  const parameters = parseWith(listQuery, query);
  const scope = scopeToList(caller, parameters.scope);
  if (scope === 'mine' && parameters.user_id !== undefined && parameters.user_id !== caller.userId) {
    throw new ExportError('FORBIDDEN', { params: { permission: 'contacts.export.history.company' } });
  }
  const startOf = (text: string | undefined, plusDays: number): Date | undefined =>
    text === undefined
      ? undefined
      : DateTime.fromISO(text, { zone: parameters.timezone }).plus({ days: plusDays }).toJSDate();
  const isFileStatus = parameters.status === 'completed' || parameters.status === 'expired';
  return {
    query: {
      owner:
        scope === 'organization'
          ? { organization_id: caller.organizationId }
          : { company_id: caller.companyId },
      userId: scope === 'mine' ? caller.userId : parameters.user_id,
      outcome: parameters.status === undefined ? undefined : outcomes[parameters.status],
      format: parameters.format,
      from: startOf(parameters.from, 0),
      before: startOf(parameters.to, 1),
      file: isFileStatus ? { at: now, present: parameters.status === 'completed' } : undefined,
    },
    limit: parameters.limit,
    after: positionOf(parameters),
  };
}
