import { criterionSchema, type ContactQuery } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import { periods, sources, type CompanyId } from '@waybill/domain';
import { timezoneSchema } from '@waybill/http';
import { z } from 'zod';
import { maximumFields } from './export-request.ts';
import { resolvePeriod } from './period.ts';

const sourceValues = sources.map((source) => source.value);

/**
 * The body of a search for contacts; its fields are named as those of an export request. It is a body and not a query
 * string, because a criterion contains names and phone numbers, and addresses are kept in logs and histories.
 */
export const contactsSearchSchema = z.strictObject({
  criterion: criterionSchema.optional(),
  period: z.enum(periods).optional(),
  start_date: z.iso.date().optional(),
  end_date: z.iso.date().optional(),
  timezone: timezoneSchema.optional(),
  source: z.array(z.enum(sourceValues)).max(sourceValues.length).default([]),
  layout_id: z
    .string()
    .min(1)
    .max(200)
    .describe('Selects the columns; the default layout if it is left out')
    .optional(),
  fields: z
    .array(z.string().min(1).max(200))
    .max(maximumFields)
    .describe('The columns, instead of those of a layout')
    .optional(),
  limit: z.int().min(1).max(200).default(50),
  cursor: z.string().max(2_000).describe('next_cursor of the page before, with the same search').optional(),
});

export type ContactsSearch = z.output<typeof contactsSearchSchema>;

/**
 * Returns the query for the contacts that a search selects.
 * @throws ExportError `EXPORT_PERIOD_INVALID`
 */
export function contactQueryOf(
  search: ContactsSearch,
  { companyId, defaultTimezone, now }: { companyId: CompanyId; defaultTimezone: string; now: number },
): ContactQuery {
  return {
    companyId,
    ...(search.criterion === undefined ? {} : { criterion: search.criterion }),
    ...(search.source.length === 0 ? {} : { sources: search.source }),
    ...resolvePeriod(search, search.timezone ?? defaultTimezone, now),
  };
}

/**
 * Rejects a search with both a period and dates.
 * @throws ExportError `EXPORT_PERIOD_INVALID`
 */
export function requireOnePeriod(search: ContactsSearch, language: Language): void {
  if (search.period === undefined || (search.start_date ?? search.end_date) === undefined) return;
  const message =
    language === 'id'
      ? 'tidak boleh bersama start_date atau end_date: kirim salah satu saja'
      : 'is not allowed with start_date or end_date: send one or the other';
  throw new ExportError('EXPORT_PERIOD_INVALID', {
    params: { reason: `period: ${message}` },
    errors: [{ path: 'period', message }],
  });
}
