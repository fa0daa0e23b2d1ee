import {
  csvDelimiters,
  filterOperators,
  formats,
  locales,
  periods,
  selectionModes,
  sources,
} from '@waybill/domain';
import { z } from 'zod';

function choices<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.array(z.object({ value: z.enum(values), label: z.string() }));
}

const sourceValues = sources.map((source) => source.value);

export const optionsSchema = z
  .object({
    enabled: z.boolean().describe('Whether the company has the feature'),
    selection_modes: z.array(z.enum(selectionModes)),
    formats: choices(formats),
    sources: z.array(z.object({ value: z.enum(sourceValues), label: z.string() })),
    periods: choices(periods),
    timezones: z.array(z.object({ id: z.string(), label: z.string() })),
    locales: choices(locales),
    csv: z.object({ delimiters: choices(csvDelimiters) }),
    filter_operators: z.array(z.enum(filterOperators)),
    caps: z.object({
      rows: z.int().describe('Contacts of one export of this company'),
      first_sorted: z.int().describe('Contacts that first_10k_sorted takes'),
      ids: z.int(),
      fields: z.int(),
    }),
    defaults: z.object({
      timezone: z.string(),
      csv: z.object({ delimiter: z.string(), bom: z.boolean() }),
    }),
  })
  .describe('The vocabulary of the export: a client hard-codes none of it');
