import { parseCriterion, type ContactQuery } from '@waybill/contacts';
import { ExportError, inEachLanguage, type Language } from '@waybill/errors';
import { currentTimezone, isTimezone, periods, sources, type CompanyId } from '@waybill/domain';
import { z } from 'zod';
import { resolvePeriod } from './period.ts';

const sourceValues = sources.map((source) => source.value);

/** Parses a list in a query string: a repeated parameter, or values with commas between them. */
function listOf<Item extends z.ZodType<unknown, string>>(item: Item) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(',')))
    .pipe(z.array(item).max(500));
}

/** The query string of the list of contacts; its parameters are named as the fields of an export request. */
export const contactsQuerySchema = z.object({
  criterion: z.string().max(50_000).describe('The criterion of an export, as JSON').optional(),
  period: z.enum(periods).optional(),
  start_date: z.iso.date().optional(),
  end_date: z.iso.date().optional(),
  timezone: z
    .string()
    .refine(
      isTimezone,
      inEachLanguage({
        en: 'must be an IANA timezone id such as Asia/Jakarta',
        id: 'harus berupa id zona waktu IANA seperti Asia/Jakarta',
      }),
    )
    .overwrite(currentTimezone)
    .optional(),
  source: listOf(z.enum(sourceValues)).optional(),
  layout_id: z
    .string()
    .min(1)
    .max(200)
    .describe('Selects the columns; the default layout if it is left out')
    .optional(),
  fields: listOf(z.string().min(1).max(200)).describe('The columns, instead of those of a layout').optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2_000).describe('next_cursor of the page before, with the same query').optional(),
});

export type ContactsQuery = z.output<typeof contactsQuerySchema>;

/**
 * Returns the query for the contacts that a query string selects.
 * @throws ExportError `VALIDATION_FAILED` for a criterion that is not valid, `EXPORT_PERIOD_INVALID`
 */
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
    // JSON.parse returns any; parseCriterion checks it.
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ExportError('VALIDATION_FAILED', {
      errors: [{ path: 'criterion', message: { en: 'is not valid JSON', id: 'bukan JSON yang sah' } }],
      cause,
    });
  }
}

/**
 * Rejects a query with both a period and dates.
 * @throws ExportError `EXPORT_PERIOD_INVALID`
 */
export function requireOnePeriod(query: ContactsQuery, language: Language): void {
  if (query.period === undefined || (query.start_date ?? query.end_date) === undefined) return;
  const message =
    language === 'id'
      ? 'tidak boleh bersama start_date atau end_date: kirim salah satu saja'
      : 'is not allowed with start_date or end_date: send one or the other';
  throw new ExportError('EXPORT_PERIOD_INVALID', {
    params: { reason: `period: ${message}` },
    errors: [{ path: 'period', message }],
  });
}
