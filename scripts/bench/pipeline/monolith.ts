import ExcelJS from 'exceljs';
import { type ExportColumn, createContactSource, exportColumns } from '@waybill/contacts';
import { companyId } from '@waybill/domain';
import { DateTime } from 'luxon';
import { PassThrough } from 'node:stream';
import type { Contender } from './contender.ts';
import { openEnds } from './ends.ts';

/** Reads the contacts with the monolith's cursor and drops them. Shows the cost of reading from this MongoDB. */
export const reading: Contender = (course) => {
  const { db } = openEnds(course);
  return Promise.resolve({
    async run() {
      const cursor = cursorOver(db, course.company);
      let rows = 0;
      while ((await cursor.next()) !== null) rows += 1;
      return { rows, bytes: 0 };
    },
  });
};

type Document = Readonly<Record<string, unknown>> & { readonly _id: string };

/** The number format of a column, as in our own styles. */
const formats: Readonly<Record<string, string>> = {
  number: '#,##0.########',
  currency: '[$IDR] #,##0',
  percentage: '0.00%',
  date: 'yyyy-mm-dd',
  datetime: 'yyyy-mm-dd hh:mm:ss',
};

const timezone = 'Asia/Jakarta';

/**
 * Exports with a common first design: one cursor over the collection, exceljs's streaming writer at our compression level,
 * one upload. Writes the same table: names for ids, labels for keys, dates in the timezone, formats by column. Loads the
 * names of owners, companies and deals first.
 */
export const monolith: Contender = async (course) => {
  const { db, openUpload } = openEnds(course);
  const contacts = createContactSource(db);
  const properties = await contacts.fieldProperties(companyId(course.company));
  const columns = exportColumns(properties, course.fields, 'en');
  const names = new Map<unknown, string>();
  for (const collection of ['owners', 'companies', 'deals']) {
    const records = await db.collection(collection).find({ company_id: course.company }).toArray();
    for (const { _id, name } of records) names.set(_id, String(name));
  }
  const cells = columns.map((column) => cellOf(column, names));

  return {
    async run(key) {
      const stream = new PassThrough();
      const upload = openUpload(key);
      const uploading = (async () => {
        for await (const chunk of stream) await upload.write(chunk as Uint8Array); // a stream of bytes
        return upload.complete();
      })();
      const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({
        stream,
        useStyles: true,
        useSharedStrings: false,
        zip: { zlib: { level: 5 } },
      });
      const sheet = workbook.addWorksheet('Contacts', { views: [{ state: 'frozen', ySplit: 1 }] });
      sheet.columns = columns.map(({ header, numberType, fieldType }) => {
        const numFmt = formats[numberType ?? fieldType];
        return { header, width: 20, ...(numFmt === undefined ? {} : { style: { numFmt } }) };
      });
      let rows = 0;
      for await (const document of cursorOver(db, course.company)) {
        sheet.addRow(cells.map((cell) => cell(document))).commit();
        rows += 1;
      }
      sheet.commit();
      await workbook.commit();
      return { rows, bytes: (await uploading).bytes };
    },
  };
};

/** Returns a cursor over all contacts of a company, newest first. */
export function cursorOver(db: ReturnType<typeof openEnds>['db'], company: string) {
  return db.collection<Document>('contacts').find({ company_id: company }).sort({ created_at: -1, _id: -1 });
}

/** Returns a function that reads the cell of a column from a document. */
function cellOf(column: ExportColumn, names: ReadonlyMap<unknown, string>): (document: Document) => unknown {
  const { source, options = [] } = column;
  const labels = new Map(options.map(({ key, label }) => [key as unknown, label]));
  const named = (value: unknown): unknown => names.get(value) ?? labels.get(value) ?? value;
  return (document) => {
    const value = source.kind === 'custom' ? customValue(document, source.key) : document[source.path];
    if (value === undefined || value === null || value === '') return null;
    if (Array.isArray(value)) return value.map(named).join('; ');
    if (column.fieldType === 'datetime') return inZone(value);
    if (column.fieldType === 'date') return typeof value === 'string' ? new Date(value) : value;
    if (column.numberType === 'percentage') return Number(value) / 100;
    return typeof value === 'object' ? JSON.stringify(value) : named(value);
  };
}

/** Moves a date so that its UTC time is the local time of the timezone, since exceljs writes a Date as UTC. */
function inZone(value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  return DateTime.fromJSDate(value, { zone: timezone }).setZone('UTC', { keepLocalTime: true }).toJSDate();
}

function customValue(document: Document, field: string): unknown {
  const custom = document['custom_fields'];
  if (!Array.isArray(custom)) return undefined;
  const entries = custom as readonly { readonly key: string; readonly value: unknown }[]; // the contact model
  return entries.find(({ key }) => key === field)?.value;
}
