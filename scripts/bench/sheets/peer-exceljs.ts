import { once } from 'node:events';
import ExcelJS from 'exceljs';
import { columns } from './contacts.ts';
import { excelRows } from './peer-rows.ts';
import { CountingSink } from './sink.ts';

/** The number format of a column, as in our own styles. */
const FORMATS: Readonly<Record<string, string>> = {
  number: '#,##0.0#######',
  currency: '[$IDR] #,##0',
  percentage: '0.00%',
  date: 'yyyy-mm-dd',
  datetime: 'yyyy-mm-dd hh:mm:ss',
};

/** Writes the same file with exceljs' streaming writer from the same raw rows. */
export async function writeXlsx(rows: number, level: number): Promise<number> {
  const source = excelRows();
  const sink = new CountingSink();
  const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({
    stream: sink,
    useStyles: true,
    useSharedStrings: false,
    zip: { zlib: { level } },
  });
  const sheet = workbook.addWorksheet('Contacts', { views: [{ state: 'frozen', ySplit: 1 }] });
  sheet.columns = columns.map(({ fieldType, numberType }, at) => {
    const numFmt = FORMATS[numberType ?? fieldType];
    return {
      header: source.headers[at] ?? '',
      width: 20,
      ...(numFmt === undefined ? {} : { style: { numFmt } }),
    };
  });
  sheet.autoFilter = { from: { row: 1, column: 1 }, to: { row: rows + 1, column: columns.length } };
  for (let at = 0; at < rows; at++) {
    sheet.addRow(source.at(at)).commit();
    // The streaming writer has no backpressure. The pause gives its zip time to compress, which limits its memory.
    if (at % 1000 === 999) await new Promise((resolve) => setImmediate(resolve));
  }
  sheet.commit();
  const finished = once(sink, 'finish');
  await workbook.commit();
  await finished;
  return sink.bytes;
}
