export { defaultLanguage, type Fault, type Language, type Texts } from './catalogue-entry.ts';
export { catalogue, isErrorCode, type ErrorCode } from './codes.ts';
export {
  asError,
  asExportError,
  causeOf,
  ExportError,
  failureOf,
  jobFailure,
  type FieldFault,
} from './export-error.ts';
export { detailText, inEachLanguage, textIn, titleText } from './text.ts';
