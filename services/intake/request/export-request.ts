import { criterionSchema } from '@waybill/contacts';
import type { ErrorCode, Language } from '@waybill/errors';
import {
  csvDelimiters,
  csvProfiles,
  currentTimezone,
  formats,
  isTimezone,
  limits,
  locales,
  periods,
  selectionModes,
  sources,
  type Locale,
} from '@waybill/domain';
import type { CsvOptions } from '@waybill/schemas';
import { z } from 'zod';

/** Most characters of an id or a field name. */
const nameLength = 200;
/** Excel allows 16,384 columns, but few people read more than some hundred, and each costs time in every row. */
export const maximumFields = 500;

const sourceValues = sources.map((source) => source.value);

/** The CSV options. A missing delimiter or byte order mark is that of the profile. */
const csvSchema = z.strictObject({
  profile: z
    .enum(csvProfiles)
    .optional()
    .describe(
      'standard (the default): RFC 4180, comma, no byte order mark. ' +
        'excel: semicolon, byte order mark, and a decimal comma in languages that write one.',
    ),
  delimiter: z.enum(csvDelimiters).optional(),
  bom: z.boolean().optional(),
});

const xlsxSchema = z.strictObject({
  currency_symbol: z
    .boolean()
    .default(false)
    .describe('Whether amounts show the symbol of their currency, such as Rp, instead of its code'),
  freeze_first_column: z.boolean().default(false).describe('Whether the first column stays in view'),
});

/** The fields of a request that a user sets once and reuses: all but the selected contacts. */
function configurationShape(defaultTimezone: string, language: Language) {
  return {
    layout_id: z.string().min(1).max(nameLength),
    selected_fields: z.array(z.string().min(1).max(nameLength)).min(1).max(maximumFields),
    format: z.enum(formats),
    timezone: z
      .string()
      .max(nameLength)
      .refine(isTimezone, { error: fieldTexts[language].timezone })
      .overwrite(currentTimezone)
      .default(defaultTimezone),
    period: z.enum(periods).optional(),
    start_date: z.iso.date().optional(),
    end_date: z.iso.date().optional(),
    source: z.array(z.enum(sourceValues)).max(sourceValues.length).default([]),
    csv: csvSchema.optional(),
    xlsx: xlsxSchema.optional(),
    locale: z.enum(locales).optional(),
  };
}

/** Returns the schema of a preset's configuration. It rejects unknown keys. */
export function configurationSchema(defaultTimezone: string, language: Language) {
  const texts = fieldTexts[language];
  return z.strictObject(configurationShape(defaultTimezone, language)).check((context) => {
    for (const fault of contradictionsOfConfiguration(context.value)) {
      context.issues.push(issueOf(fault, texts, context.value));
    }
  });
}

export type Configuration = z.output<ReturnType<typeof configurationSchema>>;

/**
 * Returns the schema of an export request and of its preflight; parsing fills in the defaults. It rejects unknown keys,
 * because a misspelt `criterion` must not export everything.
 */
export function exportRequestSchema(defaultTimezone: string, language: Language) {
  const texts = fieldTexts[language];
  return z
    .strictObject({
      selection_mode: z.enum(selectionModes),
      ids: z
        .array(z.string().min(1).max(nameLength))
        .optional()
        // Not checked here: more of them are EXPORT_LIMIT_EXCEEDED, with total and cap.
        .meta({ maxItems: limits.maximumIds })
        .describe('The contacts in their order, with selection_mode ids'),
      criterion: criterionSchema.optional(),
      excluded_ids: z
        .array(z.string().min(1).max(nameLength))
        .max(limits.maximumExcludedIds)
        .default([])
        // Sorted, so that the order in which contacts were taken out makes no other request.
        .transform((ids) => [...new Set(ids)].sort())
        .describe('Contacts that are taken out of the selection; not with selection_mode ids'),
      ...configurationShape(defaultTimezone, language),
    })
    .check((context) => {
      const found = [
        ...contradictionsOfSelection(context.value),
        ...contradictionsOfConfiguration(context.value),
      ];
      for (const fault of found) context.issues.push(issueOf(fault, texts, context.value));
    });
}

export type ExportRequest = z.output<ReturnType<typeof exportRequestSchema>>;

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

interface Contradiction {
  readonly path: keyof ExportRequest | 'criterion.sort';
  readonly text: keyof FieldTexts;
  /** Set when the contradiction has its own error code. */
  readonly code?: ErrorCode;
}

/** Returns the fields that are valid alone but not together. */
function contradictionsOfSelection(body: ExportRequest): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const byIds = body.selection_mode === 'ids';
  if (byIds && body.ids === undefined) found.push({ path: 'ids', text: 'idsMissing' });
  if (!byIds && body.ids !== undefined) found.push({ path: 'ids', text: 'idsUnwanted' });
  const narrowing = narrowingKeys(body);
  if (byIds) found.push(...narrowing.map((path) => ({ path, text: 'notWithIds' as const })));
  if (byIds && body.excluded_ids.length > 0) found.push({ path: 'excluded_ids', text: 'notWithIds' });
  if (body.selection_mode === 'first_10k_sorted' && body.criterion?.sort !== undefined) {
    found.push({ path: 'criterion.sort', text: 'sortFixed', code: 'EXPORT_SORT_NOT_ALLOWED' });
  }
  if (body.selection_mode === 'filtered' && narrowing.length === 0) {
    found.push({ path: 'criterion', text: 'filterMissing' });
  }
  return found;
}

function contradictionsOfConfiguration(body: Configuration): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const days = (['start_date', 'end_date'] as const).filter((key) => body[key] !== undefined);
  if (body.period !== undefined && days.length > 0) {
    found.push({ path: 'period', text: 'periodAndDays', code: 'EXPORT_PERIOD_INVALID' });
  }
  if (body.selected_fields.length > new Set(body.selected_fields).size) {
    found.push({ path: 'selected_fields', text: 'fieldsRepeated' });
  }
  return found;
}

function narrowingKeys(body: ExportRequest): readonly (keyof ExportRequest)[] {
  const keys = (['criterion', 'period', 'start_date', 'end_date'] as const).filter(
    (key) => body[key] !== undefined,
  );
  return body.source.length > 0 ? [...keys, 'source'] : keys;
}

function issueOf({ path, text, code }: Contradiction, texts: FieldTexts, input: unknown) {
  return {
    code: 'custom' as const,
    path: path.split('.'),
    message: texts[text],
    input,
    params: code === undefined ? {} : { code },
  };
}

interface FieldTexts {
  readonly timezone: string;
  readonly idsMissing: string;
  readonly idsUnwanted: string;
  readonly notWithIds: string;
  readonly filterMissing: string;
  readonly sortFixed: string;
  readonly periodAndDays: string;
  readonly fieldsRepeated: string;
}

/** Fault texts of single fields; the texts of error codes are in the catalogue of @waybill/errors. */
const fieldTexts: Readonly<Record<Language, FieldTexts>> = {
  en: {
    timezone: 'must be an IANA timezone id such as Asia/Jakarta',
    idsMissing: 'is required with selection_mode ids',
    idsUnwanted: 'is allowed only with selection_mode ids',
    notWithIds: 'is not allowed with selection_mode ids: the ids alone select the contacts',
    filterMissing: 'is required with selection_mode filtered, unless a period, a date or a source is given',
    sortFixed: 'is not allowed with selection_mode first_10k_sorted, which takes the newest contacts',
    periodAndDays: 'is not allowed with start_date or end_date: send one or the other',
    fieldsRepeated: 'contains a field more than once: send each field once',
  },
  id: {
    timezone: 'harus berupa id zona waktu IANA seperti Asia/Jakarta',
    idsMissing: 'wajib diisi dengan selection_mode ids',
    idsUnwanted: 'hanya boleh dengan selection_mode ids',
    notWithIds: 'tidak boleh dengan selection_mode ids: hanya ids yang menentukan kontak',
    filterMissing: 'wajib diisi dengan selection_mode filtered, kecuali ada periode, tanggal, atau sumber',
    sortFixed: 'tidak boleh dengan selection_mode first_10k_sorted, yang mengambil kontak terbaru',
    periodAndDays: 'tidak boleh bersama start_date atau end_date: kirim salah satu saja',
    fieldsRepeated: 'memuat bidang yang sama lebih dari sekali: kirim setiap bidang sekali saja',
  },
};
