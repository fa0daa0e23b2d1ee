import { ExportError, isErrorCode, textIn, type ErrorCode, type Language } from '@waybill/errors';
import { parseWith, type SchemaFault } from '@waybill/http';
import { sources, selectionModes, suggestTimezone } from '@waybill/domain';
import type { z } from 'zod';

/** A fault of one field with its error code. */
interface CodedFault extends SchemaFault {
  readonly code: ErrorCode;
}

/** The codes of fields whose value is not allowed, in the order in which they are reported. */
const valueCodes: ReadonlyMap<string, ErrorCode> = new Map([
  ['selection_mode', 'EXPORT_SELECTION_MODE_INVALID'],
  ['timezone', 'EXPORT_TIMEZONE_INVALID'],
  ['source', 'EXPORT_SOURCE_INVALID'],
  ['criterion.sort', 'EXPORT_SORT_NOT_ALLOWED'],
  ['period', 'EXPORT_PERIOD_INVALID'],
  ['start_date', 'EXPORT_PERIOD_INVALID'],
  ['end_date', 'EXPORT_PERIOD_INVALID'],
]);

/**
 * Parses a value by a schema. Types are checked before values: a missing field or a wrong type anywhere is
 * `VALIDATION_FAILED`; a well-formed request with an unknown value has the code of that field. The error lists all faults.
 * @throws ExportError
 */
export function parseRequest<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  language: Language,
): z.output<Schema> {
  const refuse = (faults: readonly SchemaFault[]) =>
    errorOf(
      faults.map((fault) => ({ ...fault, code: codeOf(fault.issue) })),
      language,
    );
  return parseWith(schema, value, { refuse });
}

function codeOf(issue: z.core.$ZodIssue): ErrorCode {
  const given: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  if (typeof given === 'string' && isErrorCode(given)) return given;
  const rightType = typeof issue.input === 'string' && issue.code !== 'invalid_type';
  // A preset contains its configuration one level below.
  const [name] = issue.path.filter((key) => key !== 'configuration');
  const code = rightType ? valueCodes.get(String(name)) : undefined;
  return code ?? 'VALIDATION_FAILED';
}

function errorOf(faults: readonly CodedFault[], language: Language): ExportError {
  const errors = faults.map(({ path, message }) => ({ path, message }));
  const malformed = faults.some((one) => one.code === 'VALIDATION_FAILED');
  const code = malformed
    ? undefined
    : [...valueCodes.values()].find((known) => faults.some((f) => f.code === known));
  const first = faults.find((one) => one.code === code);
  if (code === undefined || first === undefined) return new ExportError('VALIDATION_FAILED', { errors });
  return new ExportError(code, { ...detailsFor(first, language), errors });
}

function detailsFor(first: CodedFault, language: Language) {
  switch (first.code) {
    case 'EXPORT_SELECTION_MODE_INVALID':
      return { params: { allowed: selectionModes.join(', ') } };
    case 'EXPORT_SOURCE_INVALID':
      return { params: { allowed: sources.map((source) => source.value).join(', ') } };
    case 'EXPORT_TIMEZONE_INVALID':
      return timezoneDetails(String(first.issue.input));
    default: {
      const reason = `${first.path}: ${textIn(first.message, language)}`;
      return { params: { reason } };
    }
  }
}

function timezoneDetails(timezone: string) {
  const suggested = suggestTimezone(timezone);
  return {
    params: { timezone },
    translated: {
      en: {
        suggestion:
          suggested === undefined ? 'See GET /iag/v1/contacts/export/options.' : `Did you mean ${suggested}?`,
      },
      id: {
        suggestion:
          suggested === undefined
            ? 'Lihat GET /iag/v1/contacts/export/options.'
            : `Mungkin maksud Anda ${suggested}?`,
      },
    },
  };
}
