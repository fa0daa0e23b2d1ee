export { catalogue, isErrorCode, type ErrorCode, type Fault, type Language } from './codes.ts';
export {
  asError,
  asExportError,
  causeOf,
  ExportError,
  failureOf,
  jobFailure,
  type FieldFault,
} from './export-error.ts';
export { detailText, titleText } from './text.ts';
