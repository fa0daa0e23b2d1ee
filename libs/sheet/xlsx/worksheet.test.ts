import type { Cell, SheetColumn } from '@waybill/formatting';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xlsxFile } from '../testing/files.ts';
import { firstSheet, partOf, readWorkbook, valuesOf } from '../testing/read-back.ts';
import { unzip } from '@waybill/fixtures';
import { linesOf } from './worksheet.ts';

describe('a sheet of an XLSX file, read by exceljs', () => {
  const columns: readonly SheetColumn[] = [
    { name: 'name', header: 'Name', kind: 'text' },
    { name: 'notes', header: '=Notes', kind: 'long_text' },
    { name: 'at', header: 'At (Asia/Jakarta)', kind: 'datetime' },
  ];

  it('has a bold frozen header, a filter over the table, and widths by type', async () => {
    const { bytes } = await xlsxFile([['a', 'b', null]], { columns });
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(sheet.name).toBe('Contacts');
    expect(sheet.getRow(1).values).toEqual([undefined, 'Name', '=Notes', 'At (Asia/Jakarta)']);
    expect(sheet.getCell('A1').font.bold).toBe(true);
    expect(sheet.views[0]).toMatchObject({ state: 'frozen', ySplit: 1, topLeftCell: 'A2' });
    expect(sheet.autoFilter).toBe('A1:C2');
    expect(sheet.columns.map(({ width }) => width)).toEqual([26, 40, 21]);
  });

  it('is complete without rows', async () => {
    const { bytes, tally } = await xlsxFile([], { columns });
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(valuesOf(sheet)).toEqual([['Name', '=Notes', 'At (Asia/Jakarta)']]);
    expect(tally.rows).toBe(0);
  });

  it('can have no columns at all', async () => {
    const { bytes } = await xlsxFile([[], []]);
    expect((await readWorkbook(bytes)).worksheets).toHaveLength(1);
  });

  it('has the letters AAA for column 703', async () => {
    const many = Array.from({ length: 703 }, (_, at): SheetColumn => ({
      name: `f${at}`,
      header: `F${at}`,
      kind: 'text',
    }));
    const { bytes } = await xlsxFile([many.map(({ name }) => name)], { columns: many });
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(sheet.getCell('AAA2').value).toBe('f702');
  });

  it('is split at the maximum of rows, each with header and filter, and the Receipt is last', async () => {
    const rows = Array.from({ length: 7 }, (_, at) => [`row ${at}`, at]);
    const { bytes, tally } = await xlsxFile(rows, { limits: { sheetRows: 4 } }, () => [
      { label: 'rows', value: 7 },
    ]);
    const workbook = await readWorkbook(bytes);
    expect(workbook.worksheets.map(({ name }) => name)).toEqual([
      'Contacts',
      'Contacts (2)',
      'Contacts (3)',
      'Receipt',
    ]);
    const sheets = workbook.worksheets.slice(0, 3);
    expect(sheets.flatMap((sheet) => valuesOf(sheet).slice(1))).toEqual(rows);
    expect(sheets.map(({ autoFilter }) => autoFilter)).toEqual(['A1:B4', 'A1:B4', 'A1:B2']);
    expect(sheets.map((sheet) => sheet.getCell('A1').value)).toEqual(['A', 'A', 'A']);
    expect(tally.rows).toBe(7);
  });

  it('is split where its XML reaches the maximum of bytes, without losing a row', async () => {
    const rows = Array.from({ length: 300 }, (_, at) => [`${at} ${'x'.repeat(1000)}`]);
    const { bytes, tally } = await xlsxFile(rows, { limits: { sheetBytes: 100_000 } });
    const sheets = (await readWorkbook(bytes)).worksheets;
    expect(sheets.map(({ name }) => name)).toEqual([
      'Contacts',
      'Contacts (2)',
      'Contacts (3)',
      'Contacts (4)',
    ]);
    expect(sheets.flatMap((sheet) => valuesOf(sheet).slice(1))).toEqual(rows);
    for (const { size } of unzip(bytes).map(({ content }) => ({ size: content.length }))) {
      expect(size).toBeLessThan(103_000);
    }
    expect(tally.rows).toBe(300);
  });

  it('has one row although the maximum of bytes is lower than that row', async () => {
    const { bytes } = await xlsxFile([['a'], ['b']], { limits: { sheetBytes: 1 } });
    expect((await readWorkbook(bytes)).worksheets.map((sheet) => sheet.rowCount)).toEqual([2, 2]);
  });

  it('keeps text as text when a person edits a cell of up to 255 characters', async () => {
    const { bytes } = await xlsxFile(
      [
        ['081234', '=1+1', null],
        ['x'.repeat(255), 'x'.repeat(256), null],
      ],
      {
        columns,
      },
    );
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(['A1', 'B1', 'A2', 'B2', 'A3'].map((cell) => sheet.getCell(cell).numFmt)).toEqual(
      Array(5).fill('@'),
    );
    // Excel shows #### for a longer text of this format.
    expect(sheet.getCell('B3').numFmt).toBeUndefined();
    expect(sheet.columns.map((column) => column.numFmt)).toEqual(['@', '@', undefined]);
  });

  it('has no green triangles for numbers that are text', async () => {
    const { bytes } = await xlsxFile([['081234', 'b', null]], { columns });
    expect(partOf(bytes, 'xl/worksheets/sheet1.xml')).toContain(
      '<ignoredErrors><ignoredError sqref="A1:C2" numberStoredAsText="1"/></ignoredErrors>',
    );
  });

  it('prints its header on every page, as wide as a page in landscape', async () => {
    const { bytes } = await xlsxFile([['a', 'b', null]], { columns, sheetName: "Budi's" });
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(sheet.pageSetup).toMatchObject({
      orientation: 'landscape',
      paperSize: 9,
      fitToPage: true,
      fitToHeight: 0,
    });
    expect(partOf(bytes, 'xl/workbook.xml')).toContain(
      `<definedName name="_xlnm.Print_Titles" localSheetId="0">'Budi''s'!$1:$1</definedName>`,
    );
  });

  it('wraps headers and long texts, and aligns every cell to the top', async () => {
    const { bytes } = await xlsxFile([['a', 'one\ntwo', 5]], { columns });
    const sheet = firstSheet(await readWorkbook(bytes));
    expect(['A1', 'B2', 'A2', 'C2'].map((cell) => sheet.getCell(cell).alignment)).toEqual([
      { vertical: 'top', wrapText: true },
      { vertical: 'top', wrapText: true },
      { vertical: 'top' },
      { vertical: 'top' },
    ]);
  });

  it('gives rows the height of their wrapped texts, and no height to others', async () => {
    const rows: Cell[][] = [
      ['x'.repeat(200), 'short', null],
      ['a', 'one\ntwo\nthree', null],
      ['b', 'x'.repeat(100), null],
    ];
    const { bytes } = await xlsxFile(rows, { columns }, () => [{ label: 'a', value: 'y'.repeat(100) }]);
    const sheet = partOf(bytes, 'xl/worksheets/sheet1.xml');
    expect(sheet.match(/<row [^>]*>/g)).toEqual([
      '<row r="1">',
      '<row r="2">',
      '<row r="3" ht="45">',
      '<row r="4" ht="45">',
    ]);
    expect(partOf(bytes, 'xl/worksheets/sheet2.xml')).toContain('<row r="1" ht="30">');
  });

  it('freezes the first column only if the option is set', async () => {
    const frozen = await xlsxFile([['a', 'b', null]], { columns, freezeFirstColumn: true });
    expect(firstSheet(await readWorkbook(frozen.bytes)).views[0]).toMatchObject({
      state: 'frozen',
      xSplit: 1,
      ySplit: 1,
      topLeftCell: 'B2',
    });
    const { bytes } = await xlsxFile([['a', 'b', null]], { columns });
    expect(firstSheet(await readWorkbook(bytes)).views[0]).not.toMatchObject({ xSplit: 1 });
  });

  it('is not followed by a sheet without rows', async () => {
    const { bytes } = await xlsxFile([['a'], ['b'], ['c']], { limits: { sheetRows: 4 } });
    expect((await readWorkbook(bytes)).worksheets).toHaveLength(1);
  });

  it('has a valid name where Excel forbids the wanted one, and its filter refers to that name', async () => {
    const { bytes } = await xlsxFile([['a']], { sheetName: "Budi's [list]: all/new" });
    const workbook = await readWorkbook(bytes);
    expect(firstSheet(workbook).name).toBe("Budi's _list__ all_new");
    const part = unzip(bytes).find(({ name }) => name === 'xl/workbook.xml');
    expect(part?.content.toString()).toContain("'Budi''s _list__ all_new'!$A$1:$A$2");
  });
});

describe('linesOf', () => {
  it.each([
    ['', 1],
    ['a short note', 1],
    ['x'.repeat(38), 1],
    ['x'.repeat(39), 2],
    ['one\ntwo\nthree', 3],
    ['one\n', 2],
    [`one\n${'x'.repeat(100)}`, 4],
    ['x'.repeat(32_767), 27],
    ['\n'.repeat(1000), 27],
  ])('estimates the lines of %j at a width of 40', (text, lines) => {
    expect(linesOf(text, 40)).toBe(lines);
  });

  it('never returns fewer lines for a longer text', () => {
    const texts = fc.string({ unit: fc.constantFrom('a', ' ', '\n'), maxLength: 200 });
    fc.assert(
      fc.property(texts, texts, (text, more) => {
        expect(linesOf(text + more, 40)).toBeGreaterThanOrEqual(linesOf(text, 40));
      }),
    );
  });
});
