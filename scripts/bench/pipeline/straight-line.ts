import { createContactSource, exportColumns, type Cursor } from '@waybill/contacts';
import { createFormatter } from '@waybill/formatting';
import { createCsvWriter, createXlsxWriter } from '@waybill/sheet';
import { companyId } from '@waybill/domain';
import type { Contender } from './contender.ts';
import { openEnds } from './ends.ts';

/** Ids of one query, as in the resolver. */
const pageIds = 100_000;
/** Contacts of one read. They are written before the next read. */
const readContacts = 1_000;

/**
 * Reads the contacts, writes the file with our writer and uploads it, all in one script without Kafka, frozen lists,
 * batches or encryption. The difference to the services is the cost of recovery after a crash.
 */
export const straightLine: Contender = async (course) => {
  const { db, openUpload } = openEnds(course);
  const contacts = createContactSource(db);
  const company = companyId(course.company);
  const columns = exportColumns(await contacts.fieldProperties(company), course.fields, 'en');

  return {
    async run(key) {
      const formatter = createFormatter({
        columns,
        format: course.format,
        timezone: 'Asia/Jakarta',
        locale: 'en',
      });
      const writer =
        course.format === 'csv'
          ? createCsvWriter({ columns: formatter.columns })
          : createXlsxWriter({ columns: formatter.columns, snapshotAt: new Date() });
      const upload = openUpload(key);
      const uploading = (async () => {
        for await (const chunk of writer.stream) await upload.write(chunk as Uint8Array); // a stream of bytes
        return upload.complete();
      })();
      let rows = 0;
      for (let after: Cursor | undefined, more = true; more; more = after !== undefined) {
        const page = await contacts.selectIds(
          { companyId: company },
          { limit: pageIds, ...(after === undefined ? {} : { after }) },
        );
        for (let from = 0; from < page.ids.length; from += readContacts) {
          const ids = page.ids.slice(from, from + readContacts);
          for (const row of await contacts.readRows(company, ids, columns)) {
            if (row === undefined) continue;
            await writer.write(formatter.row(row));
            rows += 1;
          }
        }
        after = page.next;
      }
      await writer.finish();
      return { rows, bytes: (await uploading).bytes };
    },
  };
};
