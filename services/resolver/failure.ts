import { ExportError } from '@waybill/errors';
import type { BatchEnd, Failure } from '@waybill/schemas';

/** An error as events carry it: the code, an operator's text, and the values for a text in any language. */
export function failureOf(error: ExportError): Failure {
  const params = Object.entries(error.params).map(([name, value]) => [name, String(value)] as const);
  return { code: error.code, detail: error.message, params: Object.fromEntries(params) };
}

export function failedEnd(error: ExportError, total: number): BatchEnd {
  return { outcome: 'failed', total, failure: failureOf(error) };
}

/** What closes a job whose request was given up: the cause's own text where a person can act on it. */
export function givenUp(cause: ExportError): ExportError {
  // "Nothing was accepted, try again shortly" is for a caller who waits, not for a job that had been accepted.
  return cause.code === 'SERVICE_UNAVAILABLE' ? new ExportError('EXPORT_FAILED', { cause }) : cause;
}
