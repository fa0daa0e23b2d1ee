import { ExportError, inEachLanguage, type FieldFault, type Texts } from '@waybill/errors';
import type { JsonValue } from '@waybill/formatting';
import { filterOperators } from '@waybill/domain';
import { z } from 'zod';
import type { Criterion } from '../types.ts';

/** Limits of one criterion. MongoDB checks each condition for every contact, so each has a limit. */
export const criterionLimits = {
  filters: 50,
  /** Number of values of one `in`. */
  listValues: 1000,
  /** Characters in one value. */
  valueLength: 1000,
  searchLength: 200,
  searchWords: 10,
  fieldLength: 200,
} as const;

// NUL ends a BSON string where MongoDB expects a pattern.
const text = (length: number) =>
  z
    .string()
    .max(length)
    .refine(
      (given) => !given.includes('\0'),
      inEachLanguage({ en: 'must have no NUL characters', id: 'tidak boleh memuat karakter NUL' }),
    );

const scalar = z.union([z.null(), z.boolean(), z.number(), text(criterionLimits.valueLength)]);
const filterValue: z.ZodType<JsonValue> = z.union([
  scalar,
  z.array(scalar).min(1).max(criterionLimits.listValues),
]);

/**
 * Schema of a criterion for all companies. It rejects unknown keys, because a misspelt one would widen the selection.
 */
export const criterionSchema = z.strictObject({
  search: text(criterionLimits.searchLength)
    .refine(
      (search) => wordsOf(search).length <= criterionLimits.searchWords,
      inEachLanguage({
        en: `must have at most ${criterionLimits.searchWords} words`,
        id: `harus paling banyak ${criterionLimits.searchWords} kata`,
      }),
    )
    .optional(),
  filters: z
    .array(
      z.strictObject({
        field: z.string().min(1).max(criterionLimits.fieldLength),
        op: z.enum(filterOperators),
        value: filterValue,
      }),
    )
    .max(criterionLimits.filters)
    .default([]),
  sort: z
    .strictObject({
      field: z.string().min(1).max(criterionLimits.fieldLength),
      direction: z.enum(['asc', 'desc']),
    })
    .optional(),
});

/** Returns the words of a search. A contact must match each of them. */
export function wordsOf(search: string): readonly string[] {
  return search.split(/\s+/u).filter((word) => word !== '');
}

/**
 * Returns a criterion from a client or an event. The query that uses it checks its fields and values.
 * @throws ExportError `VALIDATION_FAILED` with the path of each fault.
 */
export function parseCriterion(value: unknown): Criterion {
  const parsed = criterionSchema.safeParse(value);
  if (!parsed.success) throw criterionInvalid(parsed.error.issues.map(faultOf));
  return parsed.data;
}

function faultOf({ path, message }: z.core.$ZodIssue): FieldFault {
  return { path: ['criterion', ...path].map(String).join('.'), message };
}

/** The fault of a filter or a sort by a field that the company does not have. */
export const noSuchField: Texts = { en: 'no such field', id: 'bidang ini tidak ada' };

/** Returns the error for a criterion with these faults. */
export function criterionInvalid(errors: readonly FieldFault[]): ExportError {
  return new ExportError('VALIDATION_FAILED', { errors });
}
