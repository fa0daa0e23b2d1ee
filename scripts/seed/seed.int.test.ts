import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createContactSource, exportColumns } from '@waybill/contacts';
import { silentLogger } from '@waybill/observability';
import { openStore } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { companyId } from '@waybill/domain';
import { afterAll, describe, expect, it } from 'vitest';
import { crmDatabase } from '../local/settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'seed-'));
const mongoUrl = sharedAddresses().mongo.url;
const store = openStore({ url: mongoUrl, database: crmDatabase(''), logger: silentLogger() });

afterAll(async () => {
  rmSync(directory, { recursive: true });
  await store.close();
});

interface Result {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the command in a folder without a running installation. */
function seed(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = { MONGODB_URL: mongoUrl },
): Promise<Result> {
  const others = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'MONGODB_URL'));
  return new Promise((ended) => {
    const child = execFile(
      process.execPath,
      [resolve('scripts/seed.ts'), ...args],
      { cwd: directory, env: { ...others, ...environment } },
      (_error, out, error) => ended({ code: child.exitCode ?? -1, out, error }),
    );
  });
}

function fileOf(...lines: readonly string[]): string {
  const file = join(directory, `${uniqueName('contacts')}.ndjson`);
  writeFileSync(file, lines.join('\n'));
  return file;
}

describe('npm run seed', () => {
  it('loads a file of contacts into a company, which can then be exported', async () => {
    const company = uniqueName('company');
    const file = fileOf(
      `\uFEFF{"_id":"${company}-1","first_name":"=1+1","created_at":"2026-11-24T09:00:00+07:00"}`,
      '',
      `{"id":"${company}-2","custom_fields":[{"key":"annual_budget","value":12345678901234567890,"currency_code":"KWD"}]}\r`,
    );
    expect(await seed(['--company', company, '--file', file])).toEqual({
      code: 0,
      out: `2 contacts of ${company} loaded from ${file}\n`,
      error: '',
    });

    const source = createContactSource(store.db);
    const id = companyId(company);
    expect((await source.defaultLayout(id))?.fields).toHaveLength(30);
    const columns = exportColumns(
      await source.fieldProperties(id),
      ['first_name', 'created_at', 'annual_budget'],
      'en',
    );
    const { ids } = await source.selectIds({ companyId: id }, { limit: 10 });
    expect(await source.readRows(id, ids, columns)).toEqual([
      ['=1+1', Date.UTC(2026, 10, 24, 2), null],
      [null, null, { value: '12345678901234567890', currency_code: 'KWD' }],
    ]);
  });

  it('reports every fault of a file by line, and loads none of its contacts', async () => {
    const company = uniqueName('company');
    const file = fileOf('{"id":"a"}', '', '{oops', '{"id":"a"}', '{"id":5,"$where":1}', '[]');
    const { code, out, error } = await seed(['--company', company, '--file', file]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(error.split('\n').slice(0, -1)).toEqual([
      `${file} was not loaded:`,
      expect.stringContaining('  line 3: is not JSON: '),
      '  line 4: the id a was already in line 1',
      '  line 5: $where: a property cannot be called that',
      expect.stringContaining('  line 6: '),
    ]);
    expect(await store.db.collection('contacts').countDocuments({ company_id: company })).toBe(0);
  });

  it('prints twenty faults and the number of the others', async () => {
    const { error } = await seed(['--company', 'c', '--file', fileOf(...new Array<string>(25).fill('x'))]);
    expect(error.trim().split('\n')).toHaveLength(22);
    expect(error).toContain('and 5 more');
  });

  it('reports the line of an id that belongs to another company', async () => {
    const [first, second] = [uniqueName('first'), uniqueName('second')];
    await seed(['--company', first, '--file', fileOf(`{"id":"${first}-1"}`)]);
    const file = fileOf(`{"id":"${second}-1"}`, '', `{"id":"${first}-1"}`);
    expect(await seed(['--company', second, '--file', file])).toMatchObject({
      code: 1,
      error: `${file} was loaded in part:\n  line 3: _id: ${first}-1 is the id of another company's contact\n`,
    });
  });

  it('lists the properties that cannot be exported', async () => {
    const company = uniqueName('company');
    const result = await seed([
      '--company',
      company,
      '--file',
      fileOf(`{"id":"${company}-1","nickname":"S"}`),
    ]);
    expect(result).toMatchObject({
      code: 0,
      error: 'Stored, but no field of the company describes them: nickname\n',
    });
  });

  it.each([
    ['no company', ['--file', 'f'], '--company is missing'],
    ['no file', ['--company', 'c'], '--file is missing'],
    ['an unknown flag', ['--company', 'c', '--file', 'f', '--bogus'], "Unknown option '--bogus'"],
  ])('exits with 2 and prints its usage for %s', async (_, args, message) => {
    const { code, error } = await seed(args);
    expect(code).toBe(2);
    expect(error).toContain(message);
    expect(error).toContain('usage: npm run seed -- --company C --file F.ndjson');
  });

  it('exits with 2 if Waybill does not run and no address is set', async () => {
    const { code, error } = await seed(['--company', 'c', '--file', fileOf('{}')], {});
    expect(code).toBe(2);
    expect(error).toContain('start it with npm start, or set MONGODB_URL');
  });

  it('exits with 1 if the file does not exist or MongoDB does not answer', async () => {
    expect(await seed(['--company', 'c', '--file', join(directory, 'none')])).toMatchObject({
      code: 1,
      error: expect.stringContaining('no such file') as unknown,
    });
    const unreachable = { MONGODB_URL: 'mongodb://user:secret@127.0.0.1:1' };
    expect(await seed(['--company', 'c', '--file', fileOf('{}')], unreachable)).toMatchObject({
      code: 1,
      error: 'MongoDB does not answer at 127.0.0.1:1: is Waybill running?\n',
    });
  });
});
