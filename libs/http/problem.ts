import { detailText, textIn, titleText, type ExportError, type Language } from '@waybill/errors';

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
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly [member: string]: unknown;
}

/** The request that a problem answers. */
export interface ProblemContext {
  readonly language: Language;
  /** The path of the request, without its query; a URN of the request id if the path could not be read. */
  readonly instance: string;
  readonly requestId: string;
}

/**
 * Returns the problem of an error. A problem with status 500 has its code and title only: its detail and parameters,
 * which may name servers and keys, are in the log.
 */
export function problemOf(error: ExportError, context: ProblemContext): Problem {
  const { language } = context;
  const internal = error.status === 500;
  const errors = error.errors.map(({ path, message }) => ({ path, message: textIn(message, language) }));
  const standard = {
    type: `urn:waybill:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: titleText(error.code, language),
    status: error.status,
    detail: internal ? detailText('INTERNAL_ERROR', {}, language) : error.detail(language),
    instance: context.instance,
    code: error.code,
    request_id: context.requestId,
    ...(errors.length === 0 || internal ? {} : { errors }),
  };
  // The standard members again, so that no parameter replaces them.
  return internal ? standard : { ...standard, ...error.paramsIn(language), ...standard };
}
