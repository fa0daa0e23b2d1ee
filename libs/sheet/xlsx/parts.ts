import { tableRange } from './reference.ts';
import type { DocumentProperties } from '../types.ts';
import { xmlText } from './text.ts';

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SPREADSHEET_TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** A worksheet of the finished workbook. */
export interface SheetPart {
  readonly name: string;
  /** The table that a filter covers; the Receipt has none. */
  readonly table?: { readonly columns: number; readonly rows: number };
}

/** Returns the path of a worksheet in the package; sheets count from 0. */
export function sheetPath(sheet: number): string {
  return `xl/worksheets/sheet${sheet + 1}.xml`;
}

/** Returns the part `[Content_Types].xml` (ECMA-376 part 2 §10.1.2). */
export function contentTypes(sheets: number): string {
  const override = (path: string, type: string) => `<Override PartName="/${path}" ContentType="${type}"/>`;
  return (
    `${PROLOGUE}<Types xmlns="${PACKAGE}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    override('xl/workbook.xml', `${SPREADSHEET_TYPE}.sheet.main+xml`) +
    Array.from({ length: sheets }, (_, at) =>
      override(sheetPath(at), `${SPREADSHEET_TYPE}.worksheet+xml`),
    ).join('') +
    override('xl/styles.xml', `${SPREADSHEET_TYPE}.styles+xml`) +
    override('docProps/core.xml', 'application/vnd.openxmlformats-package.core-properties+xml') +
    override('docProps/app.xml', 'application/vnd.openxmlformats-officedocument.extended-properties+xml') +
    '</Types>'
  );
}

/** Returns the part `_rels/.rels`: where the workbook and the properties are. */
export function packageRelations(): string {
  return relations([
    { type: `${OFFICE}/relationships/officeDocument`, target: 'xl/workbook.xml' },
    { type: `${PACKAGE}/relationships/metadata/core-properties`, target: 'docProps/core.xml' },
    { type: `${OFFICE}/relationships/extended-properties`, target: 'docProps/app.xml' },
  ]);
}

/** Returns the part `xl/_rels/workbook.xml.rels`: sheets first, so that sheet n has the id rId{n+1}. */
export function workbookRelations(sheets: number): string {
  return relations([
    ...Array.from({ length: sheets }, (_, at) => ({
      type: `${OFFICE}/relationships/worksheet`,
      target: `worksheets/sheet${at + 1}.xml`,
    })),
    { type: `${OFFICE}/relationships/styles`, target: 'styles.xml' },
  ]);
}

/**
 * Returns the part `xl/workbook.xml` (CT_Workbook, ECMA-376 §18.2.27). Hidden names are where Excel keeps the range of a
 * filter and the rows that are repeated on every printed page.
 */
export function workbook(sheets: readonly SheetPart[]): string {
  const names = sheets.flatMap(({ name, table }, at) => {
    if (table === undefined || table.columns === 0) return [];
    const define = (kind: string, attributes: string, range: string) =>
      `<definedName name="_xlnm.${kind}" localSheetId="${at}"${attributes}>` +
      `${xmlText(`'${name.replace(/'/g, "''")}'!${range}`)}</definedName>`;
    return [
      define('_FilterDatabase', ' hidden="1"', tableRange(table.columns, table.rows, '$')),
      define('Print_Titles', '', '$1:$1'),
    ];
  });
  const list = sheets.map(
    ({ name }, at) => `<sheet name="${xmlText(name)}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`,
  );
  return (
    `${PROLOGUE}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}/relationships">` +
    `<bookViews><workbookView activeTab="0"/></bookViews><sheets>${list.join('')}</sheets>` +
    (names.length > 0 ? `<definedNames>${names.join('')}</definedNames>` : '') +
    '</workbook>'
  );
}

/** Returns the part `docProps/core.xml` (ECMA-376 part 2 §11). */
export function coreProperties(properties: DocumentProperties, createdAt: Date): string {
  const { title, language } = properties;
  const element = (name: string, text: string | undefined) =>
    text === undefined ? '' : `<${name}>${xmlText(text)}</${name}>`;
  const stamp = (name: string) =>
    `<dcterms:${name} xsi:type="dcterms:W3CDTF">${createdAt.toISOString().slice(0, 19)}Z</dcterms:${name}>`;
  return (
    `${PROLOGUE}<cp:coreProperties xmlns:cp="${PACKAGE}/metadata/core-properties" ` +
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" ' +
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
    element('dc:title', title) +
    element('dc:creator', 'Waybill') +
    element('dc:language', language) +
    `${stamp('created')}${stamp('modified')}</cp:coreProperties>`
  );
}

/** Returns the part `docProps/app.xml`. */
export function appProperties(): string {
  return `${PROLOGUE}<Properties xmlns="${OFFICE}/extended-properties"><Application>Waybill</Application></Properties>`;
}

function relations(targets: readonly { readonly type: string; readonly target: string }[]): string {
  const list = targets.map(
    ({ type, target }, at) => `<Relationship Id="rId${at + 1}" Type="${type}" Target="${target}"/>`,
  );
  return `${PROLOGUE}<Relationships xmlns="${PACKAGE}/relationships">${list.join('')}</Relationships>`;
}
