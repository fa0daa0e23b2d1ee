import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { Cell } from '@waybill/formatting';
import { describe, expect, it } from 'vitest';
import { textColumns, xlsxFile } from '../testing/files.ts';
import { firstSheet, partOf, readWorkbook, valuesOf } from '../testing/read-back.ts';
import { unzip } from '@waybill/fixtures';

/** Writes one cell below a header and returns it as exceljs reads it. */
async function readBack(cell: Cell) {
  const { bytes } = await xlsxFile([[cell]]);
  return firstSheet(await readWorkbook(bytes)).getCell('A2');
}

/** Texts that XLSX can hold unchanged. */
const plainTexts = fc
  .string({ unit: 'binary' })

  .map((text) => text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, 'x'));

describe('a cell of an XLSX file, read by exceljs', () => {
  it.each([
    ['text', 'Budi'],
    ['text that starts like a formula', '=1+1'],
    ['text with markup', `<b>&"'</b>`],
    ['text with spaces at its ends', '  a  '],
    ['text with a tab and line breaks', '\ta\nb\r\nc\rd'],
    ['text beyond the basic plane', '😀 𠮷 é 漢'],
    ['a phone number with leading zeros', '0062812'],
    ['1,000 combining marks', `a${'\u0301'.repeat(1000)}`],
  ])('with %s reads back unchanged', async (_, text) => {
    expect((await readBack(text)).value).toBe(text);
  });

  it('reads back unchanged for every text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plainTexts, { minLength: 1, maxLength: 20 }), async (texts) => {
        const { bytes } = await xlsxFile(texts.map((text) => [text, 'end']));
        const rows = valuesOf(firstSheet(await readWorkbook(bytes))).slice(1);
        expect(rows.map(([text]) => text ?? '')).toEqual(texts);
      }),
      { numRuns: 30 },
    );
  });

  it('reads back as the same double for every number', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        async (numbers) => {
          const { bytes } = await xlsxFile(numbers.map((number) => [number]));
          const rows = valuesOf(firstSheet(await readWorkbook(bytes))).slice(1);
          expect(rows.every(([value], at) => value === numbers[at])).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    ['a fraction', 1234.5, 1234.5, '#,##0.0#######'],
    ['a whole number', 42, 42, '#,##0'],
    ['zero', 0, 0, '#,##0'],
    ['a small fraction', 0.00001, 0.00001, undefined],
    ['a percentage', { kind: 'percentage', percent: 57.1 }, 0.571, '0.00%'],
    [
      'rupiah',
      { kind: 'currency', value: 1500, currency: { code: 'IDR', decimals: 0 } },
      1500,
      '[$IDR] #,##0',
    ],
    [
      'US dollars',
      { kind: 'currency', value: -1.5, currency: { code: 'USD', decimals: 2 } },
      -1.5,
      '[$USD] #,##0.00',
    ],
    ['dinar', { kind: 'currency', value: 2, currency: { code: 'KWD', decimals: 3 } }, 2, '[$KWD] #,##0.000'],
    [
      'a date',
      { kind: 'date', day: 20_781, second: 0, offsetSeconds: 0 },
      new Date('2026-11-24'),
      'yyyy-mm-dd',
    ],
    [
      'the first date',
      { kind: 'date', day: -25_508, second: 0, offsetSeconds: 0 },
      new Date('1900-03-01'),
      'yyyy-mm-dd',
    ],
    [
      'the last date',
      { kind: 'date', day: 2_932_896, second: 0, offsetSeconds: 0 },
      new Date('9999-12-31'),
      'yyyy-mm-dd',
    ],
    [
      'a datetime',
      { kind: 'datetime', day: 20_781, second: 38_984, offsetSeconds: 25_200 },
      new Date('2026-11-24T10:49:44Z'),
      'yyyy-mm-dd hh:mm:ss',
    ],
  ] as const)('with %s has its value and its number format', async (_, cell, value, format) => {
    const read = await readBack(cell);
    expect(read.value).toEqual(value);
    expect(read.numFmt).toBe(format);
  });

  it.each([true, false])('with %s is a boolean', async (value) => {
    expect((await readBack(value)).value).toBe(value);
  });

  it('is left out of the file if it is empty', async () => {
    const { bytes } = await xlsxFile([[null, 'b', null]]);
    const sheet = unzip(bytes).find(({ name }) => name === 'xl/worksheets/sheet1.xml');
    expect(sheet?.content.toString()).toContain('<row r="2"><c r="B2"');
    expect(sheet?.content.toString()).not.toMatch(/r="[AC]2"/);
  });

  it('has U+FFFD in place of a character that XML forbids, and the tally counts it per field', async () => {
    const { bytes, tally } = await xlsxFile([
      ['a\u0000b', 'fine'],
      ['\ud800', '\u001f\uffff'],
    ]);
    const rows = valuesOf(firstSheet(await readWorkbook(bytes))).slice(1);
    expect(rows).toEqual([
      ['a\uFFFDb', 'fine'],
      ['\uFFFD', '\uFFFD\uFFFD'],
    ]);
    expect(tally.charactersReplaced).toEqual({ total: 4, byField: { a: 2, b: 2 } });
  });

  it('is cut at 32,767 characters, and the tally counts it per field', async () => {
    const { bytes, tally } = await xlsxFile([
      ['x'.repeat(10_000_000), 'y'.repeat(32_767), `${'z'.repeat(32_766)}😀`],
    ]);
    const [, row] = valuesOf(firstSheet(await readWorkbook(bytes)));
    expect(row).toEqual(['x'.repeat(32_767), 'y'.repeat(32_767), 'z'.repeat(32_766)]);
    expect(tally.cellsTruncated).toEqual({ total: 2, byField: { a: 1, c: 1 } });
  });

  it('is counted once for each value written as text', async () => {
    const cell: Cell = { kind: 'text', text: '1234567890123456', unguarded: true, asText: true };
    const { tally } = await xlsxFile([
      [cell, 'b'],
      [cell, cell],
    ]);
    expect(tally).toEqual({
      rows: 2,
      cellsTruncated: { total: 0, byField: {} },
      cellsAsText: { total: 3, byField: { a: 2, b: 1 } },
      charactersReplaced: { total: 0, byField: {} },
    });
  });

  it('of the 191st currency is text with its code, because Excel accepts no more number formats', async () => {
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    const rows = Array.from({ length: 191 }, (_, at): Cell[] => {
      const code = `X${letters.charAt(Math.floor(at / 26))}${letters.charAt(at % 26)}`;
      return [{ kind: 'currency', value: 1.5, currency: { code, decimals: 2 } }];
    });
    const { bytes, tally } = await xlsxFile(rows);
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(sheet.getCell('A191').value).toBe(1.5);
    expect(sheet.getCell('A192').value).toBe('XHI 1.50');
    expect(tally.cellsAsText.total).toBe(1);
  });
});

describe('the XLSX writer', () => {
  it('writes a Receipt sheet from the final tally', async () => {
    const cell: Cell = { kind: 'text', text: 'x', unguarded: false, asText: true };
    const { bytes } = await xlsxFile([[cell]], {}, ({ rows, cellsAsText }) => [
      { label: 'Written', value: rows },
      { label: 'As text', value: cellsAsText.total },
      { label: 'Note', value: '=not a formula <&> \r _x0041_' },
      { label: 'No number', value: NaN },
    ]);
    const sheet = (await readWorkbook(bytes)).getWorksheet('Receipt');
    expect(sheet?.getCell('A1').value).toBe('Written');
    expect(sheet?.getCell('B1').value).toBe(1);
    expect(sheet?.getCell('B2').value).toBe(1);
    expect(sheet?.getCell('B3').value).toMatch(/^=not a formula <&> \r /);
    expect(sheet?.getCell('B4').value).toBe('NaN');
  });

  it('shows the symbol of a currency if the option is set, and keeps the number', async () => {
    const cell: Cell = { kind: 'currency', value: 1_234_567, currency: { code: 'IDR', decimals: 0 } };
    const { bytes } = await xlsxFile([[cell]], { currencySymbols: () => 'Rp' });
    const read = firstSheet(await readWorkbook(bytes)).getCell('A2');
    expect([read.value, read.numFmt]).toEqual([1_234_567, '[$Rp] #,##0']);
  });

  it('writes no Receipt sheet without receipt rows, and names it as the options say', async () => {
    const without = await xlsxFile([['a']]);
    expect((await readWorkbook(without.bytes)).worksheets).toHaveLength(1);
    const renamed = await xlsxFile([['a']], { receiptName: 'contacts' }, () => [{ label: 'a', value: 1 }]);
    expect((await readWorkbook(renamed.bytes)).worksheets.map(({ name }) => name)).toEqual([
      'Contacts',
      'contacts (2)',
    ]);
  });

  it('writes the document properties of its options', async () => {
    const properties = { title: 'Contacts <all>', language: 'id' };
    const workbook = await readWorkbook((await xlsxFile([['a']], { properties })).bytes);
    expect(workbook).toMatchObject({ title: 'Contacts <all>', creator: 'Waybill', language: 'id' });
    expect(workbook.created).toEqual(new Date('2026-11-24T03:49:44Z'));
  });

  it('writes the same bytes for the same rows, and other bytes for another snapshot time', async () => {
    const rows = Array.from({ length: 20_000 }, (_, at) => [`name ${at}`, at * 1.5, at % 2 === 0]);
    const hash = async (snapshotAt?: Date) => {
      const { bytes } = await xlsxFile(rows, snapshotAt === undefined ? {} : { snapshotAt });
      return createHash('sha256').update(bytes).digest('hex');
    };
    const first = await hash();
    expect(await hash()).toBe(first);
    expect(await hash(new Date('2026-11-24T03:50:44Z'))).not.toBe(first);
  });

  it.each([0, 1, 9])('writes the same content at level %i', async (compressionLevel) => {
    const rows = Array.from({ length: 5000 }, (_, at) => [`name ${at}`]);
    const contents = async (level: number) =>
      unzip((await xlsxFile(rows, { compressionLevel: level })).bytes).map(({ name, content }) => [
        name,
        content.toString(),
      ]);
    expect(await contents(compressionLevel)).toEqual(await contents(5));
  });

  it.each([-1, 10, 1.5, NaN])('rejects level %d', async (compressionLevel) => {
    await expect(async () =>
      xlsxFile([], { compressionLevel, columns: textColumns(1) }),
    ).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
    });
  });

  it('writes texts that look like escapes escaped, in rows and on the Receipt', async () => {
    const { bytes } = await xlsxFile([['_x0041_']], {}, () => [{ label: '_x0042_', value: '_x0043_\r' }]);
    const [sheet, receipt] = [1, 2].map((number) => partOf(bytes, `xl/worksheets/sheet${number}.xml`));
    expect(sheet).toContain('<t>_x005F_x0041_</t>');
    expect(receipt).toContain('<t>_x005F_x0042_</t>');
    expect(receipt).toContain('<t xml:space="preserve">_x005F_x0043_&#13;</t>');
  });

  it('fails with a code of its own before the file reaches its maximum size', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ['x'.repeat(20_000), at]);
    const writing = xlsxFile(rows, { compressionLevel: 0, limits: { archiveBytes: 300_000 } });
    await expect(writing).rejects.toMatchObject({ code: 'EXPORT_FILE_TOO_LARGE', retryable: false });
  });

  it('omits the reference of a cell only after its left neighbour, if the option is set', async () => {
    const values = fc.constantFrom<Cell[]>(null, 'a', ' b ', 1, 0.5, true);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(values, { minLength: 5, maxLength: 5 }), { minLength: 1 }),
        async (rows) => {
          const sheet = async (omitReferences: boolean) =>
            partOf((await xlsxFile(rows, { omitReferences })).bytes, 'xl/worksheets/sheet1.xml');
          const [full, short] = [await sheet(false), await sheet(true)];
          expect(withReferences(short)).toBe(full);
          const cells = rows.flat().filter((cell) => cell !== null).length;
          const neighbours = rows.flatMap((row) =>
            row.filter((cell, at) => cell !== null && (at === 0 || row[at - 1] === null)),
          );
          expect(short.match(/<c r=/g) ?? []).toHaveLength(1 + neighbours.length);
          expect(short.match(/<c /g) ?? []).toHaveLength(5 + cells);
        },
      ),
      { numRuns: 30 },
    );
  });
});

/** Adds the missing references to the cells of a sheet, as ECMA-376 §18.3.1.4 defines them. */
function withReferences(sheet: string): string {
  return sheet.replace(/<row r="(\d+)">.*?<\/row>/g, (row, number: string) => {
    let next = 0;
    return row.replace(/<c( r="([A-Z])\d+")?/g, (_, reference: string | undefined, letter: string) => {
      next = reference === undefined ? next + 1 : letter.charCodeAt(0) - 64;
      return `<c r="${String.fromCharCode(64 + next)}${number}"`;
    });
  });
}
