import type { Language } from '@waybill/errors';

interface BodyTexts {
  readonly timezone: string;
  readonly idsMissing: string;
  readonly idsUnwanted: string;
  readonly notWithIds: string;
  readonly filterMissing: string;
  readonly periodAndDays: string;
  readonly fieldsRepeated: string;
}

/** What is said of a single field; the texts of whole codes are in the catalogue of libs/errors. */
export const bodyTexts: Readonly<Record<Language, BodyTexts>> = {
  en: {
    timezone: 'must be an IANA timezone id such as Asia/Jakarta',
    idsMissing: 'is required with selection_mode ids',
    idsUnwanted: 'goes with selection_mode ids only',
    notWithIds: 'does not go with selection_mode ids: the ids alone say which contacts',
    filterMissing: 'is required with selection_mode filtered, unless a period, days or a source narrow it',
    periodAndDays: 'does not go with start_date or end_date: send one or the other',
    fieldsRepeated: 'names a field twice',
  },
  id: {
    timezone: 'harus berupa id zona waktu IANA seperti Asia/Jakarta',
    idsMissing: 'wajib diisi dengan selection_mode ids',
    idsUnwanted: 'hanya berlaku dengan selection_mode ids',
    notWithIds: 'tidak berlaku dengan selection_mode ids: hanya ids yang menentukan kontak',
    filterMissing: 'wajib diisi dengan selection_mode filtered, kecuali ada periode, tanggal, atau sumber',
    periodAndDays: 'tidak boleh bersama start_date atau end_date: kirim salah satu saja',
    fieldsRepeated: 'menyebut bidang yang sama dua kali',
  },
};
