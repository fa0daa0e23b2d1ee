import type { Language } from '@waybill/errors';
import type { Format } from '@waybill/domain';
import { z } from 'zod';
import type { Sample } from './estimate.ts';

export const warningSchema = z.object({
  code: z
    .enum([
      'DUPLICATE_IDS',
      'OVER_CAP',
      'EMPTY_SELECTION',
      'COUNT_LATE',
      'TRUNCATIONS_EXPECTED',
      'SEVERAL_SHEETS',
      'OVER_QUOTA',
    ])
    .describe('Stable'),
  message: z.string().describe('In the language of the reader'),
});

/** Something that the user should know before the export starts. A warning rejects nothing. */
export type Warning = z.output<typeof warningSchema>;

/** Rows of one sheet including the header (Excel's specifications and limits). */
const sheetRows = 1_048_576;
/** The receipt lists truncated texts. More than this many are worth a warning before the export. */
const toleratedTruncations = 10;

export interface PreflightFacts {
  /** Null when counting took too long. */
  readonly total: number | null;
  readonly cap: number;
  readonly rows: number;
  readonly format: Format;
  readonly sample: Sample;
  readonly duplicates: number;
  readonly estimatedBytes: number;
  /** Bytes that are free in the company's quota. */
  readonly freeBytes: number;
}

/** Returns the warnings about an export, the most serious first. */
export function warningsOf(facts: PreflightFacts, language: Language): Warning[] {
  const { total, cap, sample, rows } = facts;
  const xlsx = facts.format === 'xlsx';
  const truncated = sample.rows === 0 ? 0 : Math.round((sample.tooLong * rows) / sample.rows);
  const found: (Warning | false)[] = [
    total === 0 && warning('EMPTY_SELECTION', texts.empty[language]),
    total !== null && total > cap && warning('OVER_CAP', texts.overCap[language](total, cap)),
    total === null && warning('COUNT_LATE', texts.late[language](cap)),
    facts.estimatedBytes > facts.freeBytes && warning('OVER_QUOTA', texts.quota[language]),
    xlsx &&
      rows >= sheetRows &&
      warning('SEVERAL_SHEETS', texts.sheets[language](Math.ceil(rows / (sheetRows - 1)))),
    xlsx &&
      truncated > toleratedTruncations &&
      warning('TRUNCATIONS_EXPECTED', texts.truncated[language](truncated)),
    facts.duplicates > 0 && duplicatesWarning(facts.duplicates, language),
  ];
  return found.filter((one) => one !== false);
}

/** Returns the warning that ids were sent more than once. */
export function duplicatesWarning(count: number, language: Language): Warning {
  return warning('DUPLICATE_IDS', texts.duplicates[language](count));
}

function warning(code: Warning['code'], message: string): Warning {
  return { code, message };
}

const english = (count: number): string => count.toLocaleString('en');
const indonesian = (count: number): string => count.toLocaleString('id');

const texts = {
  empty: {
    en: 'No contact matches. Widen the filter or the period.',
    id: 'Tidak ada kontak yang cocok. Perluas filter atau periode.',
  },
  overCap: {
    en: (total: number, cap: number) =>
      `${english(total)} contacts match and the limit is ${english(cap)}. Narrow the filter.`,
    id: (total: number, cap: number) =>
      `${indonesian(total)} kontak cocok dan batasnya ${indonesian(cap)}. Persempit filter.`,
  },
  late: {
    en: (cap: number) =>
      `Counting took too long. The export will be accepted, but fails if it has more than ${english(cap)} contacts.`,
    id: (cap: number) =>
      `Penghitungan terlalu lama. Ekspor akan diterima, tetapi gagal jika melebihi ${indonesian(cap)} kontak.`,
  },
  quota: {
    en: 'The file does not fit into the storage of your company. Wait until older files expire.',
    id: 'Berkas tidak akan muat di penyimpanan perusahaan Anda. Tunggu berkas lama kedaluwarsa.',
  },
  sheets: {
    en: (count: number) =>
      `Excel allows 1,048,576 rows per sheet: the file will have ${english(count)} sheets.`,
    id: (count: number) =>
      `Excel memuat 1.048.576 baris per lembar: berkas akan memiliki ${indonesian(count)} lembar.`,
  },
  truncated: {
    en: (count: number) =>
      `About ${english(count)} texts are longer than the 32,767 characters of an Excel cell. Choose CSV to keep them whole.`,
    id: (count: number) =>
      `Sekitar ${indonesian(count)} teks melebihi 32.767 karakter sel Excel. Pilih CSV agar teks tetap utuh.`,
  },
  duplicates: {
    en: (count: number) => `${english(count)} repeated ids were removed; each contact is exported once.`,
    id: (count: number) => `${indonesian(count)} id berulang dihapus; setiap kontak diekspor sekali.`,
  },
} as const;
