import type { Language } from '@waybill/errors';
import type { Format } from '@waybill/domain';
import type { Warning } from '../contract/export.ts';
import type { Sample } from './sample.ts';

/** Rows of one sheet, the header among them (Excel's specifications and limits). */
const sheetRows = 1_048_576;
/** A few cut texts are in the receipt; more than so many are worth knowing before. */
const truncationsWorthSaying = 10;

export interface PreflightFacts {
  /** Null when counting took too long. */
  readonly total: number | null;
  readonly cap: number;
  readonly rows: number;
  readonly format: Format;
  readonly sample: Sample;
  readonly duplicates: number;
  readonly estimatedBytes: number;
  /** What the company's quota has left. */
  readonly freeBytes: number;
}

/** What a person should know before the export is started, the most serious first. */
export function warningsOf(facts: PreflightFacts, language: Language): Warning[] {
  const { total, cap, sample, rows } = facts;
  const xlsx = facts.format === 'xlsx';
  const cut = sample.rows === 0 ? 0 : Math.round((sample.tooLong * rows) / sample.rows);
  const found: (Warning | false)[] = [
    total === 0 && say('EMPTY_SELECTION', texts.empty[language]),
    total !== null && total > cap && say('OVER_CAP', texts.overCap[language](total, cap)),
    total === null && say('COUNT_LATE', texts.late[language](cap)),
    facts.estimatedBytes > facts.freeBytes && say('OVER_QUOTA', texts.quota[language]),
    xlsx &&
      rows >= sheetRows &&
      say('SEVERAL_SHEETS', texts.sheets[language](Math.ceil(rows / (sheetRows - 1)))),
    xlsx && cut > truncationsWorthSaying && say('TRUNCATIONS_EXPECTED', texts.cut[language](cut)),
    facts.duplicates > 0 && duplicatesWarning(facts.duplicates, language),
  ];
  return found.filter((warning) => warning !== false);
}

/** Ids were given more than once: each is exported once. */
export function duplicatesWarning(count: number, language: Language): Warning {
  return say('DUPLICATE_IDS', texts.duplicates[language](count));
}

function say(code: Warning['code'], message: string): Warning {
  return { code, message };
}

const texts = {
  empty: {
    en: 'No contact matches. Widen the filter or the period.',
    id: 'Tidak ada kontak yang cocok. Perluas filter atau periode.',
  },
  overCap: {
    en: (total: number, cap: number) => `${total} contacts match and the limit is ${cap}. Narrow the filter.`,
    id: (total: number, cap: number) => `${total} kontak cocok dan batasnya ${cap}. Persempit filter.`,
  },
  late: {
    en: (cap: number) =>
      `Counting took too long. The export is accepted, and fails if it has more than ${cap} contacts.`,
    id: (cap: number) => `Penghitungan terlalu lama. Ekspor diterima, dan gagal bila melebihi ${cap} kontak.`,
  },
  quota: {
    en: 'The file would not fit into the storage of your company. Wait until older files expire.',
    id: 'Berkas tidak akan muat di penyimpanan perusahaan Anda. Tunggu berkas lama kedaluwarsa.',
  },
  sheets: {
    en: (count: number) => `Excel holds 1,048,576 rows a sheet: the file will have ${count} sheets.`,
    id: (count: number) => `Excel memuat 1.048.576 baris per lembar: berkas akan memiliki ${count} lembar.`,
  },
  cut: {
    en: (count: number) =>
      `About ${count} texts are longer than the 32,767 characters of an Excel cell. CSV keeps them whole.`,
    id: (count: number) => `Sekitar ${count} teks melebihi 32.767 karakter sel Excel. CSV menyimpannya utuh.`,
  },
  duplicates: {
    en: (count: number) => `${count} repeated ids were removed; each contact is exported once.`,
    id: (count: number) => `${count} id berulang dihapus; setiap kontak diekspor sekali.`,
  },
} as const;
