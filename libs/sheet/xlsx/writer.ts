import { crc32 } from 'node:zlib';
import { ExportError } from '@waybill/errors';
import type { Cell } from '@waybill/formatting';
import { ByteSink } from '../byte-sink.ts';
import { PieceDeflater } from '../zip/deflate.ts';
import { Output } from '../output.ts';
import { SheetNames } from './sheet-names.ts';
import { requireLength } from '../row-errors.ts';
import { TallyKeeper } from '../tally.ts';
import type { ReceiptRow, SheetWriter, Tally, XlsxWriterOptions } from '../types.ts';
import { RowXml } from './cells.ts';
import * as opc from './parts.ts';
import { receiptHead, receiptTail, sheetHead, sheetTail } from './worksheet.ts';
import { Styles } from './styles.ts';
import { ZipFrame } from '../zip/zip.ts';

/** The rows of a worksheet (Excel's specifications and limits). */
const MAX_ROWS = 1_048_576;
/** Half of what an entry of a zip can have without its 64-bit form. */
const MAX_SHEET_BYTES = 2 ** 31;
const DEFAULT_LEVEL = 5;

/** XML that is compressed at once, cut at the end of a row. */
const PIECE_BYTES = 512 * 1024;
/** A row is seldom longer than what the buffer has beyond a piece; if it is, the buffer grows. */
const BUFFER_BYTES = PIECE_BYTES + 128 * 1024;

/** Writes rows as an XLSX workbook in constant memory: each row becomes XML at once, and the XML is compressed in pieces. */
export class XlsxWriter implements SheetWriter {
  readonly #options: XlsxWriterOptions;
  readonly #maxRows: number;
  readonly #maxSheetBytes: number;
  readonly #level: number;
  readonly #output = new Output(() => this.#deflater.stop());
  readonly #zip: ZipFrame;
  readonly #deflater: PieceDeflater;
  readonly #names = new SheetNames();
  readonly #styles: Styles;
  readonly #tally: TallyKeeper;
  readonly #sink = new ByteSink(BUFFER_BYTES);
  readonly #rowXml: RowXml;
  readonly #spare: Buffer[] = [];
  readonly #sheets: opc.SheetPart[] = [];
  #sheetName = '';
  /** Rows of the open sheet, its header included. */
  #sheetRows = 0;
  /** XML of the open part that is already passed to the deflater. */
  #partBytes = 0;
  #partCrc = 0;
  #open = true;

  constructor(options: XlsxWriterOptions) {
    this.#options = options;
    const { sheetRows = MAX_ROWS, sheetBytes = MAX_SHEET_BYTES, archiveBytes } = options.limits ?? {};
    this.#maxRows = sheetRows;
    this.#maxSheetBytes = sheetBytes;
    this.#level = validLevel(options.compressionLevel ?? DEFAULT_LEVEL);
    this.#tally = new TallyKeeper(options.columns);
    this.#styles = new Styles(options.currencySymbols ?? ((code) => code));
    this.#rowXml = new RowXml(options.columns, {
      sink: this.#sink,
      tally: this.#tally,
      styles: this.#styles,
      omitReferences: options.omitReferences ?? false,
    });
    this.#zip = new ZipFrame((bytes) => this.#output.push(bytes), options.snapshotAt, archiveBytes);
    this.#deflater = new PieceDeflater({
      level: this.#level,
      emit: (bytes) => this.#zip.data(bytes),
      fail: (error) => this.#output.fail(error),
    });
    this.#addPart('_rels/.rels', opc.packageRelations());
    this.#addPart('docProps/app.xml', opc.appProperties());
    this.#addPart('docProps/core.xml', opc.coreProperties(options.properties ?? {}, options.snapshotAt));
    this.#beginSheet();
  }

  get stream(): SheetWriter['stream'] {
    return this.#output.stream;
  }

  write(row: readonly Cell[]): Promise<void> | undefined {
    this.#check();
    if (this.#isSheetFull()) {
      this.#endSheet();
      this.#beginSheet();
    }
    try {
      requireLength(row, this.#options.columns.length, this.#tally.rows + 1);
      this.#rowXml.row(row, this.#sheetRows + 1);
    } catch (error) {
      if (error instanceof ExportError) this.abort(error);
      throw error;
    }
    this.#sheetRows++;
    this.#tally.rows++;
    if (this.#sink.length >= PIECE_BYTES) {
      this.#flush();
      return this.#ready();
    }
    return this.#output.full ? this.#output.ready() : undefined;
  }

  async finish(receipt?: (tally: Tally) => readonly ReceiptRow[]): Promise<Tally> {
    this.#check();
    this.#open = false;
    const tally = this.#tally.result();
    this.#endSheet();
    if (receipt !== undefined) this.#receiptSheet(receipt(tally));
    this.#addPart('xl/styles.xml', this.#styles.xml());
    this.#addPart('xl/_rels/workbook.xml.rels', opc.workbookRelations(this.#sheets.length));
    this.#addPart('xl/workbook.xml', opc.workbook(this.#sheets));
    this.#addPart('[Content_Types].xml', opc.contentTypes(this.#sheets.length));
    this.#deflater.order(() => this.#zip.finish());
    await this.#deflater.done();
    if (this.#output.failure !== undefined) throw this.#output.failure;
    this.#deflater.stop();
    this.#output.end();
    return tally;
  }

  abort(error: Error): void {
    this.#open = false;
    this.#deflater.stop();
    this.#output.fail(error);
  }

  #check(): void {
    if (!this.#open) throw new ExportError('SHEET_ENDED');
    if (this.#output.failure !== undefined) throw this.#output.failure;
  }

  async #ready(): Promise<void> {
    await this.#deflater.ready();
    await this.#output.ready();
  }

  #isSheetFull(): boolean {
    const bytes = this.#partBytes + this.#sink.length;
    // A sheet has at least one row, however low the limits are.
    return this.#sheetRows >= this.#maxRows || (bytes >= this.#maxSheetBytes && this.#sheetRows > 1);
  }

  #beginSheet(): void {
    const { columns, sheetName = 'Contacts', freezeFirstColumn = false } = this.#options;
    this.#sheetName = this.#names.next(sheetName);
    this.#beginPart(opc.sheetPath(this.#sheets.length));
    this.#put(sheetHead(columns, { isFirst: this.#sheets.length === 0, freezeFirstColumn }));
    this.#rowXml.header(columns.map(({ header }) => header));
    this.#sheetRows = 1;
  }

  #endSheet(): void {
    const columns = this.#options.columns.length;
    this.#put(sheetTail(columns, this.#sheetRows));
    this.#endPart();
    this.#sheets.push({ name: this.#sheetName, table: { columns, rows: this.#sheetRows } });
  }

  #receiptSheet(rows: readonly ReceiptRow[]): void {
    this.#beginPart(opc.sheetPath(this.#sheets.length));
    this.#put(receiptHead());
    rows.forEach((row, at) => this.#rowXml.receipt(row, at + 1));
    this.#put(receiptTail());
    this.#endPart();
    this.#sheets.push({ name: this.#names.next(this.#options.receiptName ?? 'Receipt') });
  }

  #beginPart(path: string): void {
    this.#partBytes = 0;
    this.#partCrc = 0;
    this.#deflater.order(() => this.#zip.begin(path));
  }

  #endPart(): void {
    this.#flush();
    this.#deflater.end();
    const end = { size: this.#partBytes, crc: this.#partCrc };
    this.#deflater.order(() => this.#zip.end(end));
  }

  #put(xml: string): void {
    this.#sink.reserve(xml.length);
    this.#sink.ascii(xml);
  }

  #addPart(name: string, xml: string | Buffer): void {
    const content = typeof xml === 'string' ? Buffer.from(xml) : xml;
    this.#deflater.order(() => this.#zip.add(name, content, this.#level));
  }

  /** Passes the buffer to the deflater and continues in another one. */
  #flush(): void {
    const { bytes, length } = this.#sink;
    const piece = bytes.subarray(0, length);
    this.#partBytes += length;
    this.#partCrc = crc32(piece, this.#partCrc);
    this.#deflater.add(piece, () => {
      if (bytes.length === BUFFER_BYTES) this.#spare.push(bytes);
    });
    this.#sink.moveTo(this.#spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES));
  }
}

function validLevel(level: number): number {
  if (Number.isInteger(level) && level >= 0 && level <= 9) return level;
  throw new ExportError('CONFIGURATION_INVALID', {
    params: { reason: `The compression level is a whole number from 0 to 9, not ${level}.` },
  });
}
