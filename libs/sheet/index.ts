import { CsvWriter } from './csv/writer.ts';
import type { CsvWriterOptions, SheetWriter, XlsxWriterOptions } from './types.ts';
import { XlsxWriter } from './xlsx/writer.ts';

/**
 * Returns a writer of an XLSX workbook (ECMA-376 transitional). Equal options and rows give equal bytes.
 * @throws ExportError `CONFIGURATION_INVALID` if the compression level is not 0 to 9.
 */
export function createXlsxWriter(options: XlsxWriterOptions): SheetWriter {
  return new XlsxWriter(options);
}

/**
 * Returns a writer of a CSV file (RFC 4180) in UTF-8 with CRLF.
 * @throws ExportError `CONFIGURATION_INVALID` if the delimiter is not allowed.
 */
export function createCsvWriter(options: CsvWriterOptions): SheetWriter {
  return new CsvWriter(options);
}

export type {
  Count,
  CsvWriterOptions,
  DocumentProperties,
  ReceiptRow,
  SheetWriter,
  Tally,
  XlsxWriterOptions,
} from './types.ts';
