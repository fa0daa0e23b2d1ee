import type { Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import { parseWith, decodeCursor, type Cursor } from '@waybill/http';
import { defaultTimezone, formats, isTimezone } from '@waybill/domain';
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
  /** Calendar days of the request, both inclusive, in `timezone`. */
  from: day.optional(),
  to: day.optional(),
  timezone: z.string().refine(isTimezone, 'expected an IANA timezone id').default(defaultTimezone),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).optional(),
});

export interface ListRequest {
  readonly query: EntryQuery;
  readonly limit: number;
  readonly after: Cursor | undefined;
}

const outcomes = {
  completed: 'SUCCEEDED',
  expired: 'SUCCEEDED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
} as const;

/**
 * What a query string asks for, within what the caller may see. `now` in milliseconds decides which files have expired.
 * @throws ExportError VALIDATION_FAILED with the path of each fault, FORBIDDEN for a circle that is closed to the caller.
 */
export function readListQuery(parameters: unknown, caller: Caller, now: number): ListRequest {
  const asked = parseWith(listQuery, parameters);
  const scope = scopeToList(caller, asked.scope);
  if (scope === 'mine' && asked.user_id !== undefined && asked.user_id !== caller.userId) {
    throw new ExportError('FORBIDDEN', { params: { permission: 'contacts.export.history.company' } });
  }
  const startOf = (text: string | undefined, plusDays: number): Date | undefined =>
    text === undefined
      ? undefined
      : DateTime.fromISO(text, { zone: asked.timezone }).plus({ days: plusDays }).toJSDate();
  const isFileStatus = asked.status === 'completed' || asked.status === 'expired';
  return {
    query: {
      owner:
        scope === 'organization'
          ? { organization_id: caller.organizationId }
          : { company_id: caller.companyId },
      userId: scope === 'mine' ? caller.userId : asked.user_id,
      outcome: asked.status === undefined ? undefined : outcomes[asked.status],
      format: asked.format,
      from: startOf(asked.from, 0),
      before: startOf(asked.to, 1),
      file: isFileStatus ? { at: new Date(now), present: asked.status === 'completed' } : undefined,
    },
    limit: asked.limit,
    after: asked.cursor === undefined ? undefined : decodeCursor(asked.cursor),
  };
}
