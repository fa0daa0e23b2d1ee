import { ExportError, type FieldFault, type Language } from '@waybill/errors';
import { z } from 'zod';

/** Standard messages in the language of the answer. A message that a schema defines itself stays as it is. */
const messages = { en: z.locales.en(), id: z.locales.id() };

/** One faulty field, with the issue that zod found; the issue contains the field's value as `input`. */
export interface SchemaFault extends FieldFault {
  readonly issue: z.core.$ZodIssue;
}

export interface ParseOptions {
  /** Language of the messages; English by default. */
  readonly language?: Language;
  /** Makes the error; VALIDATION_FAILED with all faults by default. */
  readonly refuse?: (faults: readonly SchemaFault[]) => ExportError;
}

/**
 * Returns the value as the schema parses it.
 * @throws ExportError whose `errors` have the path and the message of each fault, such as `filters.0.op`.
 */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { language = 'en', refuse = validationFailed }: ParseOptions = {},
): z.output<S> {
  const parsed = schema.safeParse(value, { error: messages[language].localeError, reportInput: true });
  if (parsed.success) return parsed.data;
  throw refuse(parsed.error.issues.flatMap(faultsOf));
}

function validationFailed(faults: readonly SchemaFault[]): ExportError {
  return new ExportError('VALIDATION_FAILED', {
    errors: faults.map(({ path, message }) => ({ path, message })),
  });
}

/** Returns the faults of an issue: an unknown key is a fault at its own path, not at that of its object. */
function faultsOf(issue: z.core.$ZodIssue): readonly SchemaFault[] {
  const { message } = issue;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message, issue }));
  }
  return [{ path: pathOf(issue.path), message, issue }];
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
