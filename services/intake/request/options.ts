import type { Language } from '@waybill/errors';
import {
  csvDelimiters,
  csvProfiles,
  filterOperators,
  formats,
  limits,
  locales,
  periods,
  selectionModes,
  sources,
  timezoneDatabase,
  timezoneOptions,
} from '@waybill/domain';
import { z } from 'zod';
import { maximumFields } from './export-request.ts';

type Labels<Value extends string> = Readonly<Record<Value, string>>;

const periodLabels: Readonly<Record<Language, Labels<(typeof periods)[number]>>> = {
  en: {
    today: 'Today',
    yesterday: 'Yesterday',
    last_7_days: 'Last 7 days',
    last_30_days: 'Last 30 days',
    this_month: 'This month',
    last_month: 'Last month',
    this_year: 'This year',
  },
  id: {
    today: 'Hari ini',
    yesterday: 'Kemarin',
    last_7_days: '7 hari terakhir',
    last_30_days: '30 hari terakhir',
    this_month: 'Bulan ini',
    last_month: 'Bulan lalu',
    this_year: 'Tahun ini',
  },
};

const delimiterLabels: Readonly<Record<Language, Labels<(typeof csvDelimiters)[number]>>> = {
  en: { ',': 'Comma', ';': 'Semicolon', '\t': 'Tab', '|': 'Bar' },
  id: { ',': 'Koma', ';': 'Titik koma', '\t': 'Tab', '|': 'Garis tegak' },
};

const profileLabels: Readonly<Record<Language, Labels<(typeof csvProfiles)[number]>>> = {
  en: { standard: 'For programs', excel: 'For Excel' },
  id: { standard: 'Untuk program', excel: 'Untuk Excel' },
};

const formatLabels: Labels<(typeof formats)[number]> = { xlsx: 'Excel (XLSX)', csv: 'CSV' };
const localeLabels: Labels<(typeof locales)[number]> = { en: 'English', id: 'Bahasa Indonesia' };

/** The values that depend on the company and on the time. */
export interface OptionsContext {
  /** True when the company has the feature. */
  readonly enabled: boolean;
  readonly cap: number;
  readonly defaultTimezone: string;
  readonly language: Language;
  readonly now: number;
}

/** Returns every value that an export request may contain, with labels. */
export function exportOptions({ enabled, cap, defaultTimezone, language, now }: OptionsContext) {
  return {
    enabled,
    selection_modes: selectionModes,
    formats: labelled(formats, formatLabels),
    sources,
    periods: labelled(periods, periodLabels[language]),
    timezones: timezonesAt(now),
    timezone_database: timezoneDatabase(),
    locales: labelled(locales, localeLabels),
    csv: {
      profiles: labelled(csvProfiles, profileLabels[language]),
      delimiters: labelled(csvDelimiters, delimiterLabels[language]),
    },
    filter_operators: filterOperators,
    caps: {
      rows: cap,
      first_sorted: limits.firstSorted,
      ids: limits.maximumIds,
      excluded_ids: limits.maximumExcludedIds,
      fields: maximumFields,
    },
    defaults: {
      timezone: defaultTimezone,
      csv: { profile: 'standard', delimiter: ',', bom: false },
      xlsx: { currency_symbol: false, freeze_first_column: false },
    },
  };
}

function labelled<Value extends string>(values: readonly Value[], labels: Labels<Value>) {
  return values.map((value) => ({ value, label: labels[value] }));
}

/** Offsets change only at a quarter of an hour. Calculating all 400 takes tens of milliseconds, so they are cached. */
const quarterMs = 900_000;
let cached: { readonly quarter: number; readonly zones: ReturnType<typeof timezoneOptions> } | undefined;

function timezonesAt(now: number) {
  const quarter = Math.floor(now / quarterMs);
  if (cached?.quarter !== quarter) {
    cached = { quarter, zones: timezoneOptions(new Date(quarter * quarterMs)) };
  }
  return cached.zones;
}

function choices<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.array(z.object({ value: z.enum(values), label: z.string() }));
}

const sourceValues = sources.map((source) => source.value);

export const optionsSchema = z
  .object({
    enabled: z.boolean().describe('Whether the company has the feature'),
    selection_modes: z.array(z.enum(selectionModes)),
    formats: choices(formats),
    sources: z.array(z.object({ value: z.enum(sourceValues), label: z.string() })),
    periods: choices(periods),
    timezones: z
      .array(z.object({ id: z.string().describe('Current IANA id'), label: z.string() }))
      .describe('A request may name one by an older id or in another letter case too'),
    timezone_database: z.string().nullable().describe('Version of the IANA timezone database, such as 2026c'),
    locales: choices(locales),
    csv: z.object({ profiles: choices(csvProfiles), delimiters: choices(csvDelimiters) }),
    filter_operators: z.array(z.enum(filterOperators)),
    caps: z.object({
      rows: z.int().describe('Most contacts of one export of this company'),
      first_sorted: z.int().describe('Most contacts of first_10k_sorted'),
      ids: z.int(),
      excluded_ids: z.int(),
      fields: z.int(),
    }),
    defaults: z.object({
      timezone: z.string(),
      csv: z.object({ profile: z.enum(csvProfiles), delimiter: z.string(), bom: z.boolean() }),
      xlsx: z.object({ currency_symbol: z.boolean(), freeze_first_column: z.boolean() }),
    }),
  })
  .describe('Every value that an export request may contain, so that clients need no own lists');
