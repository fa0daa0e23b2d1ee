import type { Readable } from 'node:stream';
import type { Cell, SheetColumn } from '@waybill/formatting';

/** How often something happened, in total and per field name. Fields without any are left out. */
export interface Count {
  readonly total: number;
  readonly byField: Readonly<Record<string, number>>;
}

/** What a writer did to the rows it was given, for the job's receipt. */
export interface Tally {
  /** Rows written, headers not counted. */
  readonly rows: number;
  /** Texts cut at 32,767 characters (XLSX only). */
  readonly cellsTruncated: Count;
  /** Numbers and dates that their type cannot hold and that became text. */
  readonly cellsAsText: Count;
  /** Characters that became U+FFFD, because XML 1.0 or UTF-8 cannot hold them. */
  readonly charactersReplaced: Count;
}

/** One line of the Receipt sheet. */
export interface ReceiptRow {
  readonly label: string;
  readonly value: string | number;
}

/** Rows in, bytes out. A writer belongs to one file and is used by one caller at a time. */
export interface SheetWriter {
  /** The file's bytes, with backpressure. It fails with an ExportError when the writer is aborted or a row is bad. */
  readonly stream: Readable;
  /**
   * Adds one row. If it returns a promise, the receiver or the compressor is behind: wait for it before the next row
   * (`await writer.write(row)` in a loop is correct and fast). The row may be reused afterwards.
   * @throws ExportError `SHEET_ROW_LENGTH`, `SHEET_CELL_UNKNOWN`, `SHEET_ENDED`, `SHEET_SINK_FAILED`; the first two
   * also abort the file.
   */
  write(row: readonly Cell[]): Promise<void> | undefined;
  /**
   * Ends the file; resolves when its last byte is in `stream`. `receipt` turns the final tally into the lines of
   * the sheet "Receipt" (XLSX only; without it the file has no such sheet).
   * @throws ExportError `SHEET_ENDED`, `SHEET_SINK_FAILED`.
   */
  finish(receipt?: (tally: Tally) => readonly ReceiptRow[]): Promise<Tally>;
  /** Aborts the file: `stream` fails with `error` and all memory is released. Does nothing after the end. */
  abort(error: Error): void;
}

export interface CsvWriterOptions {
  readonly columns: readonly SheetColumn[];
  /** One ASCII character; a comma by default. */
  readonly delimiter?: string;
  /** Whether a byte order mark starts the file; not by default. */
  readonly bom?: boolean;
  /** Whether numbers have a decimal comma; not by default, and not with a comma as the delimiter. */
  readonly decimalComma?: boolean;
}

/** Document properties, as a spreadsheet program shows them. */
export interface DocumentProperties {
  readonly title?: string;
  /** BCP 47 tag of the language of headers and Receipt, such as `id`. */
  readonly language?: string;
}

/** The sizes at which a sheet is split and an archive fails. The defaults are the most that Excel reads; tests lower them. */
export interface XlsxLimits {
  /** Rows of one sheet with its header, 1,048,576 by default. */
  readonly sheetRows?: number;
  /** Bytes of XML after which a sheet ends, 2 GiB by default: sheets of 4 GiB need a form of zip that Excel rejects. */
  readonly sheetBytes?: number;
  /** Bytes of the file, just below 4 GiB by default. */
  readonly archiveBytes?: number;
}

export interface XlsxWriterOptions {
  readonly columns: readonly SheetColumn[];
  /** Stamps the zip entries and the document properties, so that equal input gives equal bytes. */
  readonly snapshotAt: Date;
  /** Name of the sheet, `Contacts` by default; what Excel forbids in a name is replaced. */
  readonly sheetName?: string;
  /** Name of the last sheet, `Receipt` by default. */
  readonly receiptName?: string;
  readonly properties?: DocumentProperties;
  /** Deflate level, 0 (stored) to 9; 5 by default. */
  readonly compressionLevel?: number;
  /** Whether the first column stays in view, as the header row always does; not by default. */
  readonly freezeFirstColumn?: boolean;
  /** Returns what a cell shows for the code of its currency; the code by default. */
  readonly currencySymbols?: (code: string) => string;
  /**
   * Whether a cell omits its reference if its left neighbour is present; not by default. It makes files smaller and faster to
   * write, and the streaming reader of exceljs 4.4 fails on them.
   */
  readonly omitReferences?: boolean;
  readonly limits?: XlsxLimits;
}
