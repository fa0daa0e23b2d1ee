import { ExportError, type FieldFault, type Texts } from '@waybill/errors';
import type { z } from 'zod';
import { fieldMessage } from './field-messages.ts';

/** One faulty field, with the issue that zod found; the issue contains the field's value as `input`. */
export interface SchemaFault extends FieldFault {
  readonly issue: z.core.$ZodIssue;
}

export interface ParseOptions {
  /** Makes the error; VALIDATION_FAILED with all faults by default. */
  readonly refuse?: (faults: readonly SchemaFault[]) => ExportError;
}

/**
 * Returns the value as the schema parses it.
 * @throws ExportError whose `errors` have the path of each fault, such as `filters.0.op`, and its message in each
 * language, unless the schema defines the message itself.
 */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  { refuse = validationFailed }: ParseOptions = {},
): z.output<S> {
  const parsed = schema.safeParse(value, { error: () => noMessage, reportInput: true });
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
  const message = messageOf(issue);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), message, issue }));
  }
  return [{ path: pathOf(issue.path), message, issue }];
}

/** Stands for the message of an issue whose schema defines none. */
const noMessage = '';

function messageOf(issue: z.core.$ZodIssue): string | Texts {
  // `inEachLanguage` of @waybill/errors made the parameter; zod does not know its type.
  const texts = issue.code === 'custom' ? (issue.params?.['texts'] as Texts | undefined) : undefined;
  return texts ?? (issue.message === noMessage ? fieldMessage(issue) : issue.message);
}

function pathOf(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
