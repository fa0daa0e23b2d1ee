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
  causeOf,
  ExportError,
  failureOf,
  jobFailure,
  type ErrorParams,
  type ExportErrorOptions,
  type FailureDetails,
  type FieldFault,
} from './export-error.ts';
export { detailText, titleText } from './text.ts';
