import type { Locale } from '@waybill/domain';
import type { CsvOptions } from '@waybill/schemas';
import type { ExportRequest } from './export-request.ts';

/** Languages whose numbers have a decimal comma, and in which Excel therefore expects one in a CSV file. */
const decimalCommaLocales: ReadonlySet<Locale> = new Set(['id']);

/**
 * Returns the CSV options of a job: those of the request, and what is missing from its profile. A comma cannot separate cells
 * and decimals at once, so with the delimiter `,` numbers keep their point.
 */
export function csvOptions(
  { profile = 'standard', delimiter, bom }: NonNullable<ExportRequest['csv']>,
  locale: Locale,
): CsvOptions {
  if (profile === 'standard') return { delimiter: delimiter ?? ',', bom: bom ?? false, decimal_comma: false };
  const used = delimiter ?? ';';
  return {
    delimiter: used,
    bom: bom ?? true,
    decimal_comma: used !== ',' && decimalCommaLocales.has(locale),
  };
}
