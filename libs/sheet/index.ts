export type {
  Count,
  CsvWriterOptions,
  DocumentProperties,
  ReceiptRow,
  SheetWriter,
  Tally,
  XlsxWriterOptions,
} from './types.ts';
