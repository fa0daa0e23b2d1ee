export {
  catalogue,
  isErrorCode,
  type CatalogueEntry,
  type ErrorCode,
  type Fault,
  type Language,
} from './codes.ts';
export {
  asError,
  asExportError,
  ExportError,
  type ErrorParams,
  type ExportErrorOptions,
  type FieldFault,
} from './export-error.ts';
export { detailText, titleText } from './text.ts';
