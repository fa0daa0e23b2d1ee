import { ExportError, type ErrorCode, type FieldFault, type Language } from '@waybill/errors';
import { z } from 'zod';

/** Standard messages in the language of the answer; a message that a schema gives itself stays as it is. */
const messages = { en: z.locales.en(), id: z.locales.id() };

/**
 * The value as the schema has it. Throws ExportError(`code`) whose `errors` name the path and the fault of each
 * place, such as `filters.0.op`.
 */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  code: ErrorCode = 'VALIDATION_FAILED',
  language: Language = 'en',
): z.output<S> {
  const parsed = schema.safeParse(value, { error: messages[language].localeError });
  if (parsed.success) return parsed.data;
  throw new ExportError(code, { errors: parsed.error.issues.flatMap(faultsOf) });
}

/** An unknown key is a fault at its own path, not at that of the object around it. */
function faultsOf(issue: z.core.$ZodIssue): readonly FieldFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message: issue.message }));
  }
  return [{ path: pathOf(issue.path), message: issue.message }];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
