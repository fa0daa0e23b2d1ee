import { ExportError, type FieldFault } from '@waybill/errors';
import type { JsonValue } from '@waybill/formatting';
import { filterOperators } from '@waybill/domain';
import { z } from 'zod';
import type { Criterion } from '../types.ts';

/** Bounds of one criterion. Each condition costs time for every contact, so none is without an end. */
export const criterionLimits = {
  filters: 50,
  /** Values of one `in`. */
  listValues: 1000,
  /** Characters of one value. */
  valueLength: 1000,
  searchLength: 200,
  searchWords: 10,
  fieldLength: 200,
} as const;

// NUL ends a BSON string where a pattern is expected, and no contact holds one that a person could look for.
const text = (length: number) =>
  z
    .string()
    .max(length)
    .regex(/^[^\0]*$/, { error: 'no NUL characters' });

const scalar = z.union([z.null(), z.boolean(), z.number(), text(criterionLimits.valueLength)]);
const filterValue: z.ZodType<JsonValue> = z.union([
  scalar,
  z.array(scalar).min(1).max(criterionLimits.listValues),
]);

/**
 * The shape of a criterion, whatever the company's fields are. Unknown keys are refused: a misspelt one must not widen
 * a selection.
 */
export const criterionSchema = z.strictObject({
  search: text(criterionLimits.searchLength)
    .refine((search) => wordsOf(search).length <= criterionLimits.searchWords, {
      error: `at most ${criterionLimits.searchWords} words`,
    })
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

/** The words of a search, each to be found by itself. */
export function wordsOf(search: string): readonly string[] {
  return search.split(/\s+/u).filter((word) => word !== '');
}

/**
 * A criterion from a client or an event. Whether its fields and values fit the company is seen when it is used.
 * @throws ExportError `VALIDATION_FAILED` with the path of each fault.
 */
export function parseCriterion(value: unknown): Criterion {
  const parsed = criterionSchema.safeParse(value);
  if (!parsed.success) throw criterionInvalid(parsed.error.issues.map(faultOf));
  const { search, filters, sort } = parsed.data;
  return {
    filters,
    ...(search === undefined ? {} : { search }),
    ...(sort === undefined ? {} : { sort }),
  };
}

function faultOf({ path, message }: z.core.$ZodIssue): FieldFault {
  return { path: ['criterion', ...path].map(String).join('.'), message };
}

export function criterionInvalid(errors: readonly FieldFault[]): ExportError {
  return new ExportError('VALIDATION_FAILED', { errors });
}
