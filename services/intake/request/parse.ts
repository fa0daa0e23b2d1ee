import { ExportError, isErrorCode, type ErrorCode, type FieldFault, type Language } from '@waybill/errors';
import { sources, selectionModes, suggestTimezone } from '@waybill/domain';
import { z } from 'zod';

/** A fault of one field, and the code that it has where the value has the right type but no known meaning. */
interface CodedFault extends FieldFault {
  readonly code: ErrorCode;
  readonly input: unknown;
}

/** Fields whose unknown values have a code of their own, in the order in which the codes are reported. */
const meanings: ReadonlyMap<string, ErrorCode> = new Map([
  ['selection_mode', 'EXPORT_SELECTION_MODE_INVALID'],
  ['timezone', 'EXPORT_TIMEZONE_INVALID'],
  ['source', 'EXPORT_SOURCE_INVALID'],
  ['period', 'EXPORT_PERIOD_INVALID'],
  ['start_date', 'EXPORT_PERIOD_INVALID'],
  ['end_date', 'EXPORT_PERIOD_INVALID'],
]);

const locales = { en: z.locales.en().localeError, id: z.locales.id().localeError };

/**
 * The value as the schema gives it back. Shape goes before meaning: a missing field or a wrong type anywhere is
 * `VALIDATION_FAILED`; a well-formed body with an unknown value has that value's code. All faults are listed.
 * @throws ExportError
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  language: Language,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: locales[language], reportInput: true });
  if (parsed.success) return parsed.data;
  throw refusal(parsed.error.issues.flatMap(faultsOf));
}

function faultsOf(issue: z.core.$ZodIssue): CodedFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) =>
      fault([...issue.path, key], issue.message, 'VALIDATION_FAILED', undefined),
    );
  }
  return [fault(issue.path, issue.message, codeOf(issue), issue.input)];
}

function codeOf(issue: z.core.$ZodIssue): ErrorCode {
  const given: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  if (typeof given === 'string' && isErrorCode(given)) return given;
  const rightType = typeof issue.input === 'string' && issue.code !== 'invalid_type';
  // A preset holds its configuration one level below.
  const [name] = issue.path.filter((key) => key !== 'configuration');
  const meaning = rightType ? meanings.get(String(name)) : undefined;
  return meaning ?? 'VALIDATION_FAILED';
}

function fault(path: readonly PropertyKey[], message: string, code: ErrorCode, input: unknown): CodedFault {
  return { path: path.map(String).join('.'), message, code, input };
}

function refusal(faults: readonly CodedFault[]): ExportError {
  const errors = faults.map(({ path, message }) => ({ path, message }));
  const shape = faults.some((one) => one.code === 'VALIDATION_FAILED');
  const code = shape
    ? undefined
    : [...meanings.values()].find((known) => faults.some((f) => f.code === known));
  const first = faults.find((one) => one.code === code);
  if (code === undefined || first === undefined) return new ExportError('VALIDATION_FAILED', { errors });
  return new ExportError(code, { ...wordsFor(first), errors });
}

function wordsFor(first: CodedFault) {
  switch (first.code) {
    case 'EXPORT_SELECTION_MODE_INVALID':
      return { params: { allowed: selectionModes.join(', ') } };
    case 'EXPORT_SOURCE_INVALID':
      return { params: { allowed: sources.map((source) => source.value).join(', ') } };
    case 'EXPORT_TIMEZONE_INVALID':
      return timezoneWords(String(first.input));
    default: {
      const reason = `${first.path}: ${first.message}`;
      return { params: { reason } };
    }
  }
}

function timezoneWords(timezone: string) {
  const meant = suggestTimezone(timezone);
  return {
    params: { timezone },
    translated: {
      en: {
        suggestion:
          meant === undefined ? 'See GET /iag/v1/contacts/export/options.' : `Did you mean ${meant}?`,
      },
      id: {
        suggestion:
          meant === undefined
            ? 'Lihat GET /iag/v1/contacts/export/options.'
            : `Mungkin maksud Anda ${meant}?`,
      },
    },
  };
}
