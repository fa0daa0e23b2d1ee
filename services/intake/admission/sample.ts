import type { ContactSource, ExportColumn, Row } from '@waybill/contacts';
import type { CompanyId } from '@waybill/domain';
import type { Selection } from '../request/selection.ts';

/** Contacts that are looked at to estimate a file: enough for an average, few enough for one quick read. */
const sampleSize = 200;
/** Excel holds no longer text in a cell; see libs/formatting. */
const longestText = 32_767;

/** What the sampled contacts hold. */
export interface Sample {
  readonly rows: number;
  /** Characters of all their values. */
  readonly characters: number;
  /** Texts that are too long for a cell. */
  readonly tooLong: number;
}

/** Reads the first contacts of a selection, as far as the columns need. */
export async function takeSample(
  contacts: Pick<ContactSource, 'selectIds' | 'readRows'>,
  companyId: CompanyId,
  selection: Selection,
  columns: readonly ExportColumn[],
): Promise<Sample> {
  const ids =
    selection.mode === 'ids'
      ? selection.ids.slice(0, sampleSize)
      : (await contacts.selectIds(selection.query, { limit: sampleSize })).ids;
  const rows = await contacts.readRows(companyId, ids, columns);
  return measure(rows.filter((row) => row !== undefined));
}

export function measure(rows: readonly Row[]): Sample {
  const texts = rows.flat().filter((value) => value !== null);
  const lengths = texts.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)).length);
  return {
    rows: rows.length,
    characters: lengths.reduce((sum, length) => sum + length, 0),
    tooLong: lengths.filter((length) => length > longestText).length,
  };
}
