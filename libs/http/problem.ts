import { detailText, titleText, type ExportError, type FieldFault, type Language } from '@waybill/errors';

export const problemType = 'application/problem+json';

/** A problem as RFC 9457 §3 has it; parameters of the code, such as `total` and `cap`, stand beside these members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly FieldFault[];
  readonly [member: string]: unknown;
}

/** Where and to whom a problem is told. */
export interface ProblemPlace {
  readonly language: Language;
  /** The path of the request, without its query. */
  readonly path: string;
  readonly requestId: string;
}

/**
 * The problem of an error. A status of 500 is ours to mend: it keeps its code and title, while its detail and
 * parameters, which may name servers and keys, stay in the log.
 */
export function problemOf(error: ExportError, place: ProblemPlace): Problem {
  const internal = error.status === 500;
  const standard = {
    type: `urn:waybill:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleText(error.code, place.language),
    status: error.status,
    detail: internal ? detailText('EXPORT_FAILED', {}, place.language) : error.detail(place.language),
    instance: place.path,
    code: error.code,
    request_id: place.requestId,
    ...(error.errors.length === 0 || internal ? {} : { errors: error.errors }),
  };
  // The standard members again, so that no parameter takes their place.
  return internal ? standard : { ...standard, ...error.params, ...standard };
}
