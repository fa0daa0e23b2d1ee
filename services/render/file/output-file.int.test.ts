import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { unzip } from '@waybill/fixtures';
import type { Column } from '@waybill/formatting';
import { createStorage } from '@waybill/object-storage';
import { silentLogger } from '@waybill/observability';
import type { ExportSpec } from '@waybill/schemas';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleSpec } from '../testing/sample-spec.ts';
import { createOutputFile } from './output-file.ts';

const mib = 1_048_576;
const partBytes = 5 * mib;
/** The time that one try of a request has. An abandoned file must not wait for it. */
const requestMs = 60_000;

/** A storage server that accepts connections and never answers. */
let server: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  server = createServer((socket) => sockets.add(socket.resume().on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

describe('createOutputFile', () => {
  const { s3 } = sharedAddresses();
  const real = createStorage({ ...s3, logger: silentLogger() });
  const bucket = uniqueName('output-file').toLowerCase();
  beforeAll(() => real.ensureBucket(bucket));
  afterAll(() => real.close());

  const columns: readonly Column[] = [
    { name: 'name', header: 'Name', fieldType: 'text' },
    { name: 'deal', header: 'Deal', fieldType: 'number', numberType: 'currency' },
    { name: 'rate', header: 'Rate', fieldType: 'number', numberType: 'percentage' },
  ];

  /** Returns the bytes of a stored file of one row. */
  async function stored(key: string, changes: Partial<ExportSpec>): Promise<Buffer> {
    const upload = real.openUpload({ bucket, key, contentType: 'text/csv', fileName: key });
    const spec = { ...sampleSpec, ...changes };
    const plan = { columns, total: 1, snapshotAt: 0 };
    const file = createOutputFile({
      spec,
      plan,
      upload,
      compressionLevel: 1,
      omitReferences: true,
    });
    await file.write([['=Ani', { value: 1234567.5, currency_code: 'USD' }, 12.5]]);
    await file.finish((_, { length }) => [{ label: 'Columns', value: length }]);
    const url = await real.presignDownload({
      bucket,
      key,
      fileName: key,
      contentType: 'text/csv',
      expiresInSeconds: 60,
    });
    return Buffer.from(await (await fetch(url)).arrayBuffer());
  }

  it('writes CSV as the options of the spec say', async () => {
    const csv = { delimiter: ';', bom: true, decimal_comma: true };
    const bytes = await stored('a.csv', { format: 'csv', locale: 'id', csv });
    expect(bytes.toString()).toBe("\uFEFFName;Deal;Deal (mata uang);Rate\r\n'=Ani;1234567,50;USD;12,5%\r\n");
  });

  /** Returns the texts of a stored XLSX file by their names in the archive. */
  async function entriesOf(key: string, changes: Partial<ExportSpec>): Promise<ReadonlyMap<string, string>> {
    const entries = unzip(await stored(key, changes));
    return new Map(entries.map(({ name, content }) => [name, content.toString()]));
  }

  it.each([
    ['en', ['Contacts', 'Receipt']],
    ['id', ['Kontak', 'Tanda terima']],
  ])('names the sheets by what they hold, in the language of the job (%s)', async (locale, names) => {
    const workbook = (await entriesOf(`${locale}.xlsx`, { locale })).get('xl/workbook.xml') ?? '';
    expect([...workbook.matchAll(/<sheet name="([^"]+)"/g)].map(([, name]) => name)).toEqual(names);
  });

  it('writes XLSX as the options of the spec say, in the language of the job', async () => {
    const xlsx = { currency_symbol: true, freeze_first_column: true };
    const files = await entriesOf('b.xlsx', { locale: 'id', xlsx });
    expect(files.get('xl/styles.xml')).toContain('formatCode="[$US$] #,##0.00"');
    expect(files.get('xl/worksheets/sheet1.xml')).toContain('topLeftCell="B2"');
    expect(files.get('xl/worksheets/sheet1.xml')).toContain('<c s=');
    expect(files.get('docProps/core.xml')).toContain('<dc:language>id</dc:language>');
  });
});

describe('an abandoned file', () => {
  it('ends its upload at once although storage does not answer', async () => {
    // An address of a listening TCP server is an AddressInfo.
    const { port } = server.address() as AddressInfo;
    const storage = createStorage({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      accessKeyId: 'a',
      secretAccessKey: 'b',
      partsInFlight: 1,
      requestMs,
      logger: silentLogger(),
    });
    const upload = storage.openUpload({ bucket: 'b', key: 'k', contentType: 'text/csv', fileName: 'c.csv' });
    const file = createOutputFile({
      spec: { ...sampleSpec, format: 'csv' },
      plan: { columns: [{ name: 'a', header: 'A', fieldType: 'text' }], total: 1, snapshotAt: 0 },
      upload,
      compressionLevel: 5,
      omitReferences: false,
    });
    const writing = file.write(Array.from({ length: 200 }, () => ['x'.repeat(100_000)]));
    writing.catch(() => undefined);
    await waitFor(() => upload.bytesWritten > partBytes, { limitMs: 20_000, what: 'a part to be sent' });
    const start = performance.now();
    await file.abandon();
    expect(performance.now() - start).toBeLessThan(requestMs / 2);
    await expect(writing).rejects.toThrow();
    storage.close();
  });
});
