import { createHash } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { skippedListKey } from '@waybill/object-storage';
import type { ExportCompleted } from '@waybill/schemas';
import ExcelJS from 'exceljs';
import { parseString } from 'fast-csv';
import type { Installation } from './installation.ts';

/** The content of a downloaded file. */
export interface DownloadedFile {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** The first cell of every row after the header. */
  readonly ids: readonly string[];
}

/** Downloads the file of a successful job and reads it with another library. @throws Error if there is no file. */
export async function download(installation: Installation, ended: ExportCompleted): Promise<DownloadedFile> {
  const { file } = ended;
  if (file === null) {
    throw new Error(`The job ended as ${ended.outcome}: ${ended.failure?.detail ?? 'no file'}`);
  }
  const bytes = await buffer(await installation.storage.read(file));
  const ids = file.name.endsWith('.csv') ? await csvIds(bytes) : await xlsxIds(bytes);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), ids };
}

/** Returns the ids in the list of what the file of a successful job leaves out. */
export async function skippedIds({ storage }: Installation, { file }: ExportCompleted): Promise<unknown[]> {
  if (file === null) throw new Error('the job has no file');
  const list = await text(await storage.read({ bucket: file.bucket, key: skippedListKey(file.key) }));
  return list
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

async function csvIds(bytes: Buffer): Promise<readonly string[]> {
  const ids: string[] = [];
  const rows: AsyncIterable<readonly string[]> = parseString(bytes.toString('utf8'));
  for await (const row of rows) ids.push(row[0] ?? '');
  return ids.slice(1);
}

async function xlsxIds(bytes: Buffer): Promise<readonly string[]> {
  const workbook = new ExcelJS.Workbook();
  // exceljs declares its own Buffer type, which is compatible with Node's.
  await workbook.xlsx.load(bytes as unknown as Parameters<typeof workbook.xlsx.load>[0]);
  return workbook.worksheets
    .slice(0, -1)
    .flatMap((sheet) =>
      Array.from({ length: sheet.rowCount - 1 }, (_, index) => sheet.getRow(index + 2).getCell(1).text),
    );
}

/** Returns the contact ids of a company in the order of the CRM: newest first, then by descending id. */
export async function newestFirst(installation: Installation, company: string): Promise<readonly string[]> {
  const contacts = installation.database('crm').collection<{ _id: string; created_at: unknown }>('contacts');
  const found = await contacts.find({ company_id: company }, { projection: { created_at: 1 } }).toArray();
  const rank = (at: unknown): number => (at instanceof Date ? at.getTime() : -Infinity);
  return found
    .sort((a, b) => rank(b.created_at) - rank(a.created_at) || (a._id < b._id ? 1 : -1))
    .map(({ _id }) => _id);
}

/** Returns the keys of all objects and open uploads of the installation. */
export async function storedKeys({ storage, bucket }: Installation) {
  return {
    objects: await keysOf(storage.list(bucket, '')),
    uploads: await keysOf(storage.listUploads(bucket)),
  };
}

async function keysOf(things: AsyncIterable<{ readonly key: string }>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of things) keys.push(key);
  return keys;
}
