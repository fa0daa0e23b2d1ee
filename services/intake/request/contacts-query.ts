import { parseCriterion, type ContactQuery } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import { isTimezone, periods, sources, type CompanyId } from '@waybill/domain';
import { z } from 'zod';
import { resolvePeriod } from './period.ts';

const sourceValues = sources.map((source) => source.value);

/** A list in a query string: repeated, or with commas. */
function listOf<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(item).max(500));
}

/** What the list of contacts is asked for; the same words as in the body of an export. */
export const contactsQuerySchema = z.object({
  criterion: z.string().max(50_000).describe('The criterion of an export, as JSON').optional(),
  period: z.enum(periods).optional(),
  start_date: z.iso.date().optional(),
  end_date: z.iso.date().optional(),
  timezone: z.string().refine(isTimezone, { error: 'must be an IANA timezone id' }).optional(),
  source: listOf(z.enum(sourceValues)).optional(),
  layout_id: z
    .string()
    .min(1)
    .max(200)
    .describe('The columns; the default layout where it is left out')
    .optional(),
  fields: listOf(z.string().min(1).max(200)).describe('The columns, instead of a layout’s').optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2_000).describe('next_cursor of the page before; with the same query').optional(),
});

export type ContactsQuery = z.output<typeof contactsQuerySchema>;

/** @throws ExportError `VALIDATION_FAILED` for a criterion that is no JSON or does not fit, `EXPORT_PERIOD_INVALID` */
export function contactQueryOf(
  query: ContactsQuery,
  { companyId, defaultTimezone, now }: { companyId: CompanyId; defaultTimezone: string; now: number },
): ContactQuery {
  return {
    companyId,
    ...(query.criterion === undefined ? {} : { criterion: parseCriterion(jsonOf(query.criterion)) }),
    ...(query.source === undefined ? {} : { sources: query.source }),
    ...resolvePeriod(query, query.timezone ?? defaultTimezone, now),
  };
}

function jsonOf(text: string): unknown {
  try {
    // JSON.parse gives any; parseCriterion looks at what it is.
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ExportError('VALIDATION_FAILED', {
      errors: [{ path: 'criterion', message: 'is no JSON' }],
      cause,
    });
  }
}

/** Where a period and days are both given nothing says which is meant. */
export function requireOnePeriod(query: ContactsQuery, language: Language): void {
  if (query.period === undefined || (query.start_date ?? query.end_date) === undefined) return;
  const message =
    language === 'id'
      ? 'tidak boleh bersama start_date atau end_date: kirim salah satu saja'
      : 'does not go with start_date or end_date: send one or the other';
  throw new ExportError('EXPORT_PERIOD_INVALID', {
    params: { reason: `period: ${message}` },
    errors: [{ path: 'period', message }],
  });
}
