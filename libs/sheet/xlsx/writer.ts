import { crc32 } from 'node:zlib';
import { ExportError } from '@waybill/errors';
import type { Cell } from '@waybill/formatting';
import { ByteSink } from '../byte-sink.ts';
import { PieceDeflater } from '../zip/deflate.ts';
import { Output } from '../output.ts';
import { SheetNames } from './sheet-names.ts';
import { wrongLength } from '../row-errors.ts';
import { TallyKeeper } from '../tally.ts';
import type { ReceiptRow, SheetWriter, Tally, XlsxWriterOptions } from '../types.ts';
import { RowXml } from './cells.ts';
import * as opc from './parts.ts';
import { receiptSheet, sheetHead, sheetTail } from './worksheet.ts';
import { SharedStrings } from './shared-strings.ts';
import { Styles } from './styles.ts';
import { ZipFrame } from '../zip/zip.ts';

/** The rows of a worksheet (Excel's specifications and limits). */
const MAX_ROWS = 1_048_576;
const DEFAULT_LEVEL = 5;

/** XML that is compressed at once, cut at the end of a row. */
const PIECE_BYTES = 512 * 1024;
/** A row is seldom longer than what the buffer has beyond a piece; if it is, the buffer grows. */
const BUFFER_BYTES = PIECE_BYTES + 128 * 1024;

/** Writes rows as an XLSX workbook in constant memory: each row becomes XML at once, and the XML is compressed in pieces. */
export class XlsxWriter implements SheetWriter {
  readonly #options: XlsxWriterOptions;
  readonly #rowsPerSheet: number;
  readonly #level: number;
  readonly #output = new Output(() => this.#deflater.stop());
  readonly #zip: ZipFrame;
  readonly #deflater: PieceDeflater;
  readonly #names = new SheetNames();
  readonly #styles = new Styles();
  readonly #shared = new SharedStrings();
  readonly #tally: TallyKeeper;
  readonly #sink = new ByteSink(BUFFER_BYTES);
  readonly #rowXml: RowXml;
  readonly #spare: Buffer[] = [];
  readonly #sheets: opc.SheetPart[] = [];
  #sheetName = '';
  /** Rows of the open sheet, its header included. */
  #sheetRows = 0;
  #sheetBytes = 0;
  #sheetCrc = 0;
  #open = true;

  constructor(options: XlsxWriterOptions) {
    this.#options = options;
    this.#rowsPerSheet = Math.min(Math.max(options.rowsPerSheet ?? MAX_ROWS, 2), MAX_ROWS);
    this.#level = validLevel(options.compressionLevel ?? DEFAULT_LEVEL);
    this.#tally = new TallyKeeper(options.columns);
    this.#rowXml = new RowXml(options.columns, {
      sink: this.#sink,
      tally: this.#tally,
      styles: this.#styles,
      shared: this.#shared,
    });
    this.#zip = new ZipFrame((bytes) => this.#output.push(bytes), options.snapshotAt);
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
    const { columns } = this.#options;
    if (row.length !== columns.length) {
      throw this.#refuse(wrongLength(this.#tally.rows + 1, row.length, columns.length));
    }
    if (this.#sheetRows >= this.#rowsPerSheet) {
      this.#endSheet();
      this.#beginSheet();
    }
    try {
      this.#rowXml.row(row, this.#sheetRows + 1);
    } catch (error) {
      throw error instanceof ExportError ? this.#refuse(error) : error;
    }
    this.#sheetRows++;
    this.#tally.rows++;
    if (this.#sink.length >= PIECE_BYTES) this.#flush();
    return this.#deflater.full || this.#output.full ? this.#ready() : undefined;
  }

  async finish(receipt?: (tally: Tally) => readonly ReceiptRow[]): Promise<Tally> {
    this.#check();
    this.#open = false;
    const tally = this.#tally.result();
    this.#endSheet();
    if (receipt !== undefined) {
      this.#addPart(opc.sheetPath(this.#sheets.length), receiptSheet(receipt(tally)));
      this.#sheets.push({ name: this.#names.next(this.#options.receiptName ?? 'Receipt') });
    }
    this.#addPart('xl/styles.xml', this.#styles.xml());
    const hasShared = !this.#shared.isEmpty;
    if (hasShared) this.#addPart('xl/sharedStrings.xml', this.#shared.xml());
    this.#addPart('xl/_rels/workbook.xml.rels', opc.workbookRelations(this.#sheets.length, hasShared));
    this.#addPart('xl/workbook.xml', opc.workbook(this.#sheets));
    this.#addPart('[Content_Types].xml', opc.contentTypes(this.#sheets.length, hasShared));
    this.#deflater.order(() => this.#zip.finish());
    await this.#deflater.ready('all');
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

  #refuse(error: ExportError): ExportError {
    this.abort(error);
    return error;
  }

  async #ready(): Promise<void> {
    await this.#deflater.ready();
    await this.#output.ready();
  }

  #beginSheet(): void {
    this.#sheetName = this.#names.next(this.#options.sheetName ?? 'Contacts');
    this.#sheetBytes = 0;
    this.#sheetCrc = 0;
    const path = opc.sheetPath(this.#sheets.length);
    this.#deflater.order(() => this.#zip.begin(path));
    this.#put(sheetHead(this.#options.columns, this.#sheets.length === 0));
    this.#rowXml.header(this.#options.columns.map(({ header }) => header));
    this.#sheetRows = 1;
  }

  #endSheet(): void {
    const columns = this.#options.columns.length;
    this.#put(sheetTail(columns, this.#sheetRows));
    this.#flush();
    this.#deflater.end();
    const end = { size: this.#sheetBytes, crc: this.#sheetCrc };
    this.#deflater.order(() => this.#zip.end(end));
    this.#sheets.push({ name: this.#sheetName, table: { columns, rows: this.#sheetRows } });
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
    this.#sheetBytes += length;
    this.#sheetCrc = crc32(piece, this.#sheetCrc);
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
