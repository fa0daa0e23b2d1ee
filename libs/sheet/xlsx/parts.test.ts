import { JSDOM } from 'jsdom';
import type { Cell } from '@waybill/formatting';
import { beforeAll, describe, expect, it } from 'vitest';
import { xlsxFile } from '../testing/files.ts';
import { unzip } from '@waybill/fixtures';

/** Element order of the types that the parts have (ECMA-376 part 1, Annex A). */
const ORDER: Readonly<Record<string, readonly string[]>> = {
  worksheet: [
    'sheetPr',
    'dimension',
    'sheetViews',
    'sheetFormatPr',
    'cols',
    'sheetData',
    'autoFilter',
    'printOptions',
    'pageMargins',
    'pageSetup',
    'headerFooter',
    'ignoredErrors',
  ],
  workbook: ['fileVersion', 'workbookPr', 'bookViews', 'sheets', 'definedNames', 'calcPr'],
  styleSheet: ['numFmts', 'fonts', 'fills', 'borders', 'cellStyleXfs', 'cellXfs', 'cellStyles', 'dxfs'],
  sheetView: ['pane', 'selection'],
  font: ['b', 'sz', 'color', 'name', 'family'],
  border: ['left', 'right', 'top', 'bottom', 'diagonal'],
  c: ['f', 'v', 'is'],
};

/** A row of all kinds of cells, for a workbook with two sheets, a Receipt and hostile texts. */
const cells: readonly Cell[] = [
  '<b>&"\'\r\n\u0000\ud800 ]]> <![CDATA[ <!-- ',
  '_x0041_',
  ' a ',
  1.5,
  true,
  { kind: 'percentage', percent: 5 },
  { kind: 'currency', value: 1, currency: { code: 'USD', decimals: 2 } },
  { kind: 'currency', value: 1, currency: { code: 'IDR', decimals: 0 } },
  { kind: 'date', day: 1, second: 0, offsetSeconds: 0 },
  { kind: 'datetime', day: 1, second: 1, offsetSeconds: 0 },
  null,
];

let documents: ReadonlyMap<string, Document>;

beforeAll(async () => {
  const { bytes } = await xlsxFile(
    [cells, cells, cells],
    { limits: { sheetRows: 3 }, sheetName: '<A> & "B"', properties: { title: '<&>', language: '"\u0000"' } },
    () => [{ label: '<&>\u0000', value: ']]> "\ud800' }],
  );
  // Throws when a part is not well-formed.
  documents = new Map(
    unzip(bytes).map(({ name, content }) => [
      name,
      new JSDOM(content, { contentType: 'text/xml' }).window.document,
    ]),
  );
});

function part(name: string): Document {
  const found = documents.get(name);
  if (found === undefined) throw new Error(`no part ${name}`);
  return found;
}

describe('the parts of a workbook', () => {
  it('are well-formed and complete, the relationships first and the content types last', () => {
    expect([...documents.keys()]).toEqual([
      '_rels/.rels',
      'docProps/app.xml',
      'docProps/core.xml',
      'xl/worksheets/sheet1.xml',
      'xl/worksheets/sheet2.xml',
      'xl/worksheets/sheet3.xml',
      'xl/styles.xml',
      'xl/_rels/workbook.xml.rels',
      'xl/workbook.xml',
      '[Content_Types].xml',
    ]);
  });

  it('have their elements in the order of ECMA-376', () => {
    for (const [name, document] of documents) {
      for (const element of document.querySelectorAll('*')) {
        const order = ORDER[element.localName];
        if (order === undefined) continue;
        const positions = [...element.children].map(({ localName }) => order.indexOf(localName));
        expect(positions, `${name} <${element.localName}>`).not.toContain(-1);
        expect(positions, `${name} <${element.localName}>`).toEqual([...positions].sort((a, b) => a - b));
      }
    }
  });

  it('are exactly the parts that the content types list', () => {
    const named = [...part('[Content_Types].xml').querySelectorAll('Override')].map((override) =>
      override.getAttribute('PartName')?.slice(1),
    );
    const withoutRelations = [...documents.keys()].filter(
      (name) => !name.endsWith('.rels') && !name.startsWith('['),
    );
    expect(named.sort()).toEqual(withoutRelations.sort());
  });

  it.each([
    ['_rels/.rels', ''],
    ['xl/_rels/workbook.xml.rels', 'xl/'],
  ])('exist at every path that %s names', (relations, folder) => {
    const targets = [...part(relations).querySelectorAll('Relationship')];
    expect(targets.length).toBeGreaterThan(2);
    for (const target of targets) {
      expect(documents.has(folder + (target.getAttribute('Target') ?? ''))).toBe(true);
    }
  });

  it('contain a sheet for every relationship of the workbook', () => {
    const ids = [...part('xl/workbook.xml').querySelectorAll('sheet')].map((sheet) =>
      sheet.getAttribute('r:id'),
    );
    const targets = ids.map((id) =>
      part('xl/_rels/workbook.xml.rels')
        .querySelector(`[Id="${id ?? ''}"]`)
        ?.getAttribute('Target'),
    );
    expect(targets).toEqual(['worksheets/sheet1.xml', 'worksheets/sheet2.xml', 'worksheets/sheet3.xml']);
  });

  it('state the right count for every list of styles', () => {
    for (const list of part('xl/styles.xml').querySelectorAll('[count]')) {
      expect(list.children.length, list.localName).toBe(Number(list.getAttribute('count')));
    }
  });

  it('use only existing styles, and number formats that are defined or built in', () => {
    const styles = part('xl/styles.xml');
    const formats = [...styles.querySelectorAll('cellXfs > xf')].map((xf) =>
      Number(xf.getAttribute('numFmtId')),
    );
    const defined = [...styles.querySelectorAll('numFmt')].map((format) =>
      Number(format.getAttribute('numFmtId')),
    );
    for (const format of formats) expect(format < 164 || defined.includes(format)).toBe(true);
    for (const cell of part('xl/worksheets/sheet1.xml').querySelectorAll('c')) {
      expect(Number(cell.getAttribute('s') ?? 0)).toBeLessThan(formats.length);
    }
  });

  it('have a reference on every cell, in ascending order', () => {
    const rows = [...part('xl/worksheets/sheet1.xml').querySelectorAll('row')];
    expect(rows.map((row) => row.getAttribute('r'))).toEqual(['1', '2', '3']);
    for (const row of rows) {
      const columns = [...row.children].map((cell) =>
        cell.getAttribute('r')?.replace(row.getAttribute('r') ?? '', ''),
      );
      expect(columns).toEqual([...columns].sort());
      expect(columns).not.toContain(undefined);
    }
  });
});
