import { PassThrough } from 'node:stream';
import ExcelJS from 'exceljs';
import type { Contender } from './contender.ts';
import { openEnds } from './ends.ts';

type Document = Readonly<Record<string, unknown>> & { readonly _id: string };

/** Fields that are stored under another name. */
const paths: Readonly<Record<string, string>> = {
  id: '_id',
  owner: 'owner_id',
  companies: 'associated_company_ids',
  deals: 'associated_deal_ids',
};

/**
 * The export that people write first: a cursor over the collection, exceljs's streaming writer, one upload. Names of
 * owners, companies and deals are loaded before; values are written as they are.
 */
export const monolith: Contender = async (course) => {
  const { db, openUpload } = openEnds(course);
  const names = new Map<unknown, string>();
  for (const collection of ['owners', 'companies', 'deals']) {
    const records = await db.collection(collection).find({ company_id: course.company }).toArray();
    for (const { _id, name } of records) names.set(_id, String(name));
  }
  const named = (value: unknown): unknown => names.get(value) ?? value;

  function cell(document: Document, field: string): unknown {
    const value = document[paths[field] ?? field] ?? customValue(document, field);
    if (Array.isArray(value)) return value.map(named).join('; ');
    return named(value);
  }

  return {
    async run(key) {
      const stream = new PassThrough();
      const upload = openUpload(key);
      const uploading = (async () => {
        for await (const chunk of stream) await upload.write(chunk as Uint8Array); // a stream of bytes
        return upload.complete();
      })();
      const workbook = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useStyles: true });
      const sheet = workbook.addWorksheet('Contacts', { views: [{ state: 'frozen', ySplit: 1 }] });
      sheet.columns = course.fields.map((field) => ({ header: field, key: field, width: 20 }));
      let rows = 0;
      const cursor = db
        .collection<Document>('contacts')
        .find({ company_id: course.company })
        .sort({ created_at: -1, _id: -1 });
      for await (const document of cursor) {
        sheet.addRow(course.fields.map((field) => cell(document, field))).commit();
        rows += 1;
      }
      sheet.commit();
      await workbook.commit();
      return { rows, bytes: (await uploading).bytes };
    },
  };
};

function customValue(document: Document, field: string): unknown {
  const custom = document['custom_fields'];
  if (!Array.isArray(custom)) return undefined;
  const entries = custom as readonly { readonly key: string; readonly value: unknown }[]; // the contact model
  return entries.find(({ key }) => key === field)?.value;
}
