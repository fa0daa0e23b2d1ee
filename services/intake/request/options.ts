import type { Language } from '@waybill/errors';
import {
  csvDelimiters,
  filterOperators,
  formats,
  limits,
  locales,
  periods,
  selectionModes,
  sources,
  timezoneOptions,
} from '@waybill/domain';
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

const formatLabels: Labels<(typeof formats)[number]> = { xlsx: 'Excel (XLSX)', csv: 'CSV' };
const localeLabels: Labels<(typeof locales)[number]> = { en: 'English', id: 'Bahasa Indonesia' };

/** What varies by company and by time. */
export interface OptionsParts {
  /** Whether the company has the feature. */
  readonly enabled: boolean;
  readonly cap: number;
  readonly defaultTimezone: string;
  readonly language: Language;
  readonly now: number;
}

/** The vocabulary of the export, so that no client hard-codes any of it. */
export function exportOptions({ enabled, cap, defaultTimezone, language, now }: OptionsParts) {
  return {
    enabled,
    selection_modes: selectionModes,
    formats: labelled(formats, formatLabels),
    sources,
    periods: labelled(periods, periodLabels[language]),
    timezones: timezonesAt(now),
    locales: labelled(locales, localeLabels),
    csv: { delimiters: labelled(csvDelimiters, delimiterLabels[language]) },
    filter_operators: filterOperators,
    caps: { rows: cap, first_sorted: limits.firstSorted, ids: limits.maximumIds, fields: maximumFields },
    defaults: { timezone: defaultTimezone, csv: { delimiter: ',', bom: false } },
  };
}

function labelled<Value extends string>(values: readonly Value[], labels: Labels<Value>) {
  return values.map((value) => ({ value, label: labels[value] }));
}

/** Offsets change only on the quarter of an hour; working out all 400 of them takes tens of milliseconds. */
const quarterMs = 900_000;
let known: { readonly quarter: number; readonly zones: ReturnType<typeof timezoneOptions> } | undefined;

function timezonesAt(now: number) {
  const quarter = Math.floor(now / quarterMs);
  if (known?.quarter !== quarter) {
    known = { quarter, zones: timezoneOptions(new Date(quarter * quarterMs)) };
  }
  return known.zones;
}
