import { parseString } from 'fast-csv';
import fc from 'fast-check';
import { csvText, type Cell, type SheetColumn } from '@waybill/formatting';
import { describe, expect, it } from 'vitest';
import { csvFile, textColumns } from '../testing/files.ts';
import type { CsvWriterOptions } from '../types.ts';

/** Returns the rows of a CSV text as fast-csv reads them. */
function parse(text: string, delimiter = ','): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString<string[], string[]>(text, { headers: false, delimiter })
      .on('data', (row: string[]) => rows.push(row))
      .on('error', reject)
      .on('end', () => resolve(rows));
  });
}

/** Returns the lines below the header. */
async function body(
  rows: readonly (readonly Cell[])[],
  options: Partial<CsvWriterOptions> = {},
): Promise<string> {
  const { bytes } = await csvFile(rows, options);
  const text = bytes.toString('utf8');
  return text.slice(text.indexOf('\r\n') + 2);
}

const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

describe('a field of a CSV file', () => {
  it.each<[string, Cell, string]>([
    ['nothing', null, ''],
    ['text', 'Budi', 'Budi'],
    ['text with spaces at its ends', ' a ', ' a '],
    ['text with the delimiter', 'a,b', '"a,b"'],
    ['text with a quote', 'say "hi"', '"say ""hi"""'],
    ['text with a line feed', 'a\nb', '"a\nb"'],
    ['text with a carriage return', 'a\rb', '"a\rb"'],
    ['text with a tab', 'a\tb', 'a\tb'],
    ['text beyond ASCII', 'é 漢 😀', 'é 漢 😀'],
    ['text beyond ASCII with the delimiter', 'é,😀', '"é,😀"'],
    ['a formula', '=1+1', "'=1+1"],
    ['a formula that needs quotes', '=A1,"x"', '"\'=A1,""x"""'],
    ['a formula after a quote', '"=1', '"\'""=1"'],
    ['a formula in full width', '＝1', "'＝1"],
    ['a formula after a no-break space', '\u00a0=1', "'\u00a0=1"],
    ['a phone number in E.164', { kind: 'text', text: '+62812', unguarded: true, asText: false }, '+62812'],
    ['a number', -1234.5, '-1234.5'],
    ['a number with an exponent', 1e21, '1000000000000000000000'],
    ['true', true, 'TRUE'],
    ['false', false, 'FALSE'],
    ['a percentage', { kind: 'percentage', percent: -12.5 }, '-12.5%'],
    ['rupiah', { kind: 'currency', value: 1500, currency: { code: 'IDR', decimals: 0 } }, '1500'],
    ['US dollars', { kind: 'currency', value: 1234.5, currency: { code: 'USD', decimals: 2 } }, '1234.50'],
    ['a date', { kind: 'date', day: 20_781, second: 0, offsetSeconds: 0 }, '2026-11-24'],
    [
      'a datetime',
      { kind: 'datetime', day: 20_781, second: 38_984, offsetSeconds: 25_200 },
      '2026-11-24T10:49:44+07:00',
    ],
    [
      'a datetime of a zone that was off by seconds',
      { kind: 'datetime', day: -1, second: 83_730, offsetSeconds: -2670 },
      '1969-12-31T23:16:00-00:44',
    ],
  ])('with %s is written as RFC 4180 and the formula guard require', async (_, cell, text) => {
    expect(await body([[cell, 'x']])).toBe(`${text},x\r\n`);
  });

  it('has the text of csvText for every date, time, amount, percentage and number', async () => {
    const seconds = fc.integer({ min: 0, max: 86_399 });
    const day = fc.integer({ min: -25_508, max: 2_932_896 });
    const amount = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const cells = fc.oneof<fc.Arbitrary<Cell>[]>(
      day.map((of) => ({ kind: 'date', day: of, second: 0, offsetSeconds: 0 })),
      fc.record({
        kind: fc.constant('datetime' as const),
        day,
        second: seconds,
        offsetSeconds: fc.integer({ min: -50_000, max: 50_000 }),
      }),
      amount.map((percent) => ({ kind: 'percentage', percent })),
      fc.record({
        kind: fc.constant('currency' as const),
        value: amount,
        currency: fc.record({ code: fc.constant('XTS'), decimals: fc.nat(4) }),
      }),
      amount,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(cells, { minLength: 1, maxLength: 50 }), async (values) => {
        const expected = values.map((cell) => `${csvText(cell) ?? ''}\r\n`).join('');
        expect(await body(values.map((cell) => [cell]))).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('has the text of csvText for days that share a slot of the kept texts, in any order', async () => {
    const days = [-1, 4095, 0, 8191, -1, 4096, 2_932_897, 0, 4096, -719_529, 2_932_897, 4095];
    const values = days.map((day): Cell => ({ kind: 'date', day, second: 0, offsetSeconds: 0 }));
    const expected = values.map((cell) => `${csvText(cell) ?? ''}\r\n`).join('');
    expect(await body(values.map((cell) => [cell]))).toBe(expected);
  });

  it('reads back through fast-csv as the guarded text, for every text', async () => {
    const texts = fc.string({ unit: 'binary', maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(texts, texts), { minLength: 1, maxLength: 10 }), async (rows) => {
        const expected = rows.map((row) =>
          row.map((text) => csvText(text)?.toWellFormed().replace(controls, '\uFFFD')),
        );
        const parsed = await parse(await body(rows.map((row) => [...row, 'end'])));
        expect(parsed.map((row) => row.slice(0, 2))).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });

  it('has U+FFFD in place of a forbidden character, and the tally counts it per field', async () => {
    const { bytes, tally } = await csvFile([
      ['a\u0000b', 'fine'],
      ['\ud800,', '\u001f\uffff'],
    ]);
    expect(bytes.toString()).toBe('A,B\r\na\uFFFDb,fine\r\n"\uFFFD,",\uFFFD\uFFFD\r\n');
    expect(tally.charactersReplaced).toEqual({ total: 4, byField: { a: 2, b: 2 } });
  });

  it('is never truncated, and the tally counts a value written as text', async () => {
    const long = `${'x'.repeat(5_000_000)},${'é'.repeat(100_000)}`;
    const { bytes, tally } = await csvFile([
      [long, { kind: 'text', text: '1', unguarded: true, asText: true }],
    ]);
    expect(bytes.toString()).toBe(`A,B\r\n"${long}",1\r\n`);
    expect(tally.cellsTruncated.total).toBe(0);
    expect(tally.cellsAsText).toEqual({ total: 1, byField: { b: 1 } });
  });
});

describe('the CSV writer', () => {
  it('writes a complete file without rows', async () => {
    const { bytes, tally } = await csvFile([], { columns: textColumns(2) });
    expect(bytes.toString()).toBe('A,B\r\n');
    expect(tally.rows).toBe(0);
  });

  it('guards and quotes headers like values', async () => {
    const columns: readonly SheetColumn[] = ['=A', 'B,C', 'D "E"', '+1'].map((header) => ({
      name: header,
      header,
      kind: 'text',
    }));
    const { bytes } = await csvFile([], { columns });
    expect(bytes.toString()).toBe(`'=A,"B,C","D ""E""",'+1\r\n`);
  });

  it('quotes a first header that Excel would take for the start of a SYLK file', async () => {
    const columns: readonly SheetColumn[] = ['ID', 'IDs'].map((header) => ({
      name: header,
      header,
      kind: 'text',
    }));
    expect((await csvFile([], { columns })).bytes.toString()).toBe('"ID",IDs\r\n');
  });

  it.each(['sep=;', 'SEP=,'])(
    'quotes the first header %s, which Excel would take for its delimiter',
    async (header) => {
      const columns: readonly SheetColumn[] = [{ name: 'a', header, kind: 'text' }];
      expect((await csvFile([], { columns })).bytes.toString()).toBe(`"${header}"\r\n`);
    },
  );

  it('starts the file with a byte order mark only if the option is set', async () => {
    const { bytes } = await csvFile([['a']], { bom: true });
    expect([...bytes.subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 65]);
    expect((await csvFile([['a']])).bytes[0]).toBe(65);
  });

  it.each([';', '\t', '|'])(
    'separates fields with %j and quotes fields that contain it',
    async (delimiter) => {
      const rows = [['a,b', `c${delimiter}d`, 'e']];
      const { bytes } = await csvFile(rows, { delimiter });
      expect(bytes.toString()).toBe(
        `A${delimiter}B${delimiter}C\r\na,b${delimiter}"c${delimiter}d"${delimiter}e\r\n`,
      );
      expect((await parse(bytes.toString(), delimiter)).slice(1)).toEqual(rows);
    },
  );

  it('writes a decimal comma in numbers, amounts and percentages only, if the option is set', async () => {
    const number = (text: string): Cell => ({ kind: 'text', text, unguarded: true, asText: true });
    const row: readonly Cell[] = [
      -1234.5,
      7,
      { kind: 'percentage', percent: 12.5 },
      { kind: 'currency', value: 1234.5, currency: { code: 'USD', decimals: 2 } },
      number('12345678901234567.5'),
      { kind: 'text', text: '+62812', unguarded: true, asText: false },
      '1.5',
      { kind: 'date', day: 20_781, second: 0, offsetSeconds: 0 },
      true,
    ];
    const options = { delimiter: ';', decimalComma: true };
    expect(await body([row], options)).toBe(
      '-1234,5;7;12,5%;1234,50;12345678901234567,5;+62812;1.5;2026-11-24;TRUE\r\n',
    );
  });

  it('rejects a decimal comma with a comma as the delimiter', async () => {
    const options = { decimalComma: true, columns: textColumns(1) };
    await expect(async () => csvFile([], options)).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  });

  it.each(['', ',,', '"', '\r', '\n', 'a', '1', '-', '.', 'é', "'", ':'])(
    'rejects the delimiter %j',
    async (delimiter) => {
      await expect(async () => csvFile([], { delimiter, columns: textColumns(1) })).rejects.toMatchObject({
        code: 'CONFIGURATION_INVALID',
      });
    },
  );

  it('writes a quoted empty field for a row whose only field is empty, because readers skip blank lines', async () => {
    const text = await body([[null], ['a'], [null]]);
    expect(text).toBe('""\r\na\r\n""\r\n');
    expect(await parse(text)).toHaveLength(3);
  });

  it('writes rows unchanged wherever they cross the end of its buffer', async () => {
    const rows = Array.from({ length: 3000 }, (_, at) => [
      'x'.repeat(at % 700),
      `é${at}`,
      'y'.repeat((at * 37) % 400),
    ]);
    const { bytes, tally } = await csvFile(rows);
    expect(bytes.toString()).toBe(`A,B,C\r\n${rows.map((row) => `${row.join(',')}\r\n`).join('')}`);
    expect(tally.rows).toBe(3000);
  });
});
