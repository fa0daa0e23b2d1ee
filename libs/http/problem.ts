import { detailText, titleText, type ExportError, type FieldFault, type Language } from '@waybill/errors';

export const problemType = 'application/problem+json';

/** A problem of RFC 9457 §3. Parameters of the code, such as `total` and `cap`, are further members. */
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

/** The request that a problem answers. */
export interface ProblemContext {
  readonly language: Language;
  /** The path of the request, without its query. */
  readonly path: string;
  readonly requestId: string;
}

/**
 * Returns the problem of an error. A problem with status 500 has its code and title only: its detail and parameters,
 * which may name servers and keys, are in the log.
 */
export function problemOf(error: ExportError, context: ProblemContext): Problem {
  const internal = error.status === 500;
  const standard = {
    type: `urn:waybill:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleText(error.code, context.language),
    status: error.status,
    detail: internal ? detailText('EXPORT_FAILED', {}, context.language) : error.detail(context.language),
    instance: context.path,
    code: error.code,
    request_id: context.requestId,
    ...(error.errors.length === 0 || internal ? {} : { errors: error.errors }),
  };
  // The standard members again, so that no parameter replaces them.
  return internal ? standard : { ...standard, ...error.params, ...standard };
}
