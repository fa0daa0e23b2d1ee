import { criterionSchema } from '@waybill/contacts';
import type { ErrorCode, Language } from '@waybill/errors';
import {
  csvDelimiters,
  formats,
  isTimezone,
  locales,
  periods,
  selectionModes,
  sources,
} from '@waybill/domain';
import { z } from 'zod';
import { bodyTexts } from './body-texts.ts';

/** Longest id and field name that is looked up at all. */
const nameLength = 200;
/** Excel shows 16,384 columns; nobody reads more than a few hundred, and each one costs time for every row. */
export const maximumFields = 500;

const sourceValues = sources.map((source) => source.value);

/** How a CSV file is written; both options have defaults (RFC 4180's comma, no byte order mark). */
const csvSchema = z.strictObject({
  delimiter: z.enum(csvDelimiters).default(','),
  bom: z.boolean().default(false),
});

/** What a person sets once and uses again: all of a request but the contacts that it is about. */
function configurationShape(defaultTimezone: string, language: Language) {
  return {
    layout_id: z.string().min(1).max(nameLength),
    selected_fields: z.array(z.string().min(1).max(nameLength)).min(1).max(maximumFields),
    format: z.enum(formats),
    timezone: z
      .string()
      .max(nameLength)
      .refine(isTimezone, { error: bodyTexts[language].timezone })
      .default(defaultTimezone),
    period: z.enum(periods).optional(),
    start_date: z.iso.date().optional(),
    end_date: z.iso.date().optional(),
    source: z.array(z.enum(sourceValues)).max(sourceValues.length).default([]),
    csv: csvSchema.optional(),
    locale: z.enum(locales).optional(),
  };
}

/** The configuration that a preset keeps. Unknown keys are refused. */
export function configurationSchema(defaultTimezone: string, language: Language) {
  const texts = bodyTexts[language];
  return z.strictObject(configurationShape(defaultTimezone, language)).check((context) => {
    for (const fault of contradictionsOfConfiguration(context.value)) {
      context.issues.push(issueOf(fault, texts, context.value));
    }
  });
}

export type Configuration = z.output<ReturnType<typeof configurationSchema>>;

/**
 * The body of an export and of its preflight, with the defaults in place. Unknown keys are refused: a misspelt
 * `criterion` must not export everything.
 */
export function exportBodySchema(defaultTimezone: string, language: Language) {
  const texts = bodyTexts[language];
  return z
    .strictObject({
      selection_mode: z.enum(selectionModes),
      ids: z.array(z.string().min(1).max(nameLength)).optional(),
      criterion: criterionSchema.optional(),
      ...configurationShape(defaultTimezone, language),
    })
    .check((context) => {
      const found = [
        ...contradictionsOfSelection(context.value),
        ...contradictionsOfConfiguration(context.value),
      ];
      for (const fault of found) context.issues.push(issueOf(fault, texts, context.value));
    });
}

export type ExportBody = z.output<ReturnType<typeof exportBodySchema>>;

type Texts = (typeof bodyTexts)[Language];

interface Contradiction {
  readonly path: keyof ExportBody;
  readonly text: keyof Texts;
  /** Where the fault has a code of its own. */
  readonly code?: ErrorCode;
}

/** Fields that are right alone and wrong together. */
function contradictionsOfSelection(body: ExportBody): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const byIds = body.selection_mode === 'ids';
  if (byIds && body.ids === undefined) found.push({ path: 'ids', text: 'idsMissing' });
  if (!byIds && body.ids !== undefined) found.push({ path: 'ids', text: 'idsUnwanted' });
  const narrowing = narrowingKeys(body);
  if (byIds) found.push(...narrowing.map((path) => ({ path, text: 'notWithIds' as const })));
  if (body.selection_mode === 'filtered' && narrowing.length === 0) {
    found.push({ path: 'criterion', text: 'filterMissing' });
  }
  return found;
}

function contradictionsOfConfiguration(body: Configuration): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const days = (['start_date', 'end_date'] as const).filter((key) => body[key] !== undefined);
  if (body.period !== undefined && days.length > 0) {
    found.push({ path: 'period', text: 'periodAndDays', code: 'EXPORT_PERIOD_INVALID' });
  }
  if (body.selected_fields.length > new Set(body.selected_fields).size) {
    found.push({ path: 'selected_fields', text: 'fieldsRepeated' });
  }
  return found;
}

function narrowingKeys(body: ExportBody): readonly (keyof ExportBody)[] {
  const keys = (['criterion', 'period', 'start_date', 'end_date'] as const).filter(
    (key) => body[key] !== undefined,
  );
  return body.source.length > 0 ? [...keys, 'source'] : keys;
}

function issueOf({ path, text, code }: Contradiction, texts: Texts, input: unknown) {
  return {
    code: 'custom' as const,
    path: [path],
    message: texts[text],
    input,
    params: code === undefined ? {} : { code },
  };
}
