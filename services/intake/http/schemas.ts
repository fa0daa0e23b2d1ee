import { erasureRequest } from '@waybill/erasure';
import { defaultTimezone } from '@waybill/domain';
import { z } from 'zod';
import { exportBodySchema } from '../request/export-request.ts';
import { contactsQuerySchema } from '../request/contacts-query.ts';
import { fieldQuerySchema, pageQuerySchema } from './paging.ts';
import { newPresetSchema, presetChangeSchema } from '../presets/preset-body.ts';
import {
  contactsSchema,
  defaultLayoutSchema,
  fieldPropertiesSchema,
  layoutsSchema,
} from '../contract/crm.ts';
import { erasureSchema } from '../contract/erasure.ts';
import { acceptedSchema, preflightSchema } from '../contract/export.ts';
import { optionsSchema } from '../contract/options.ts';
import { lastSchema, presetSchema, presetsSchema } from '../contract/presets.ts';
import { problemSchema } from '../contract/problem.ts';
import { receiptSchema, statusSchema } from '../job/status-schema.ts';

/** Bodies as a client may send them: fields with a default may be left out. The very schemas that validate. */
export const requestSchemas = {
  ExportRequest: exportBodySchema(defaultTimezone, 'en'),
  NewPreset: newPresetSchema(defaultTimezone, 'en'),
  PresetChange: presetChangeSchema(defaultTimezone, 'en'),
  ErasureRequest: erasureRequest,
};

/** Query strings. */
export const querySchemas = {
  contacts: contactsQuerySchema,
  fields: fieldQuerySchema,
  pages: pageQuerySchema,
};

/** Answers. */
export const responseSchemas = {
  Accepted: acceptedSchema,
  Preflight: preflightSchema,
  Status: statusSchema,
  Receipt: receiptSchema,
  Presets: presetsSchema,
  Preset: presetSchema,
  LastConfiguration: lastSchema,
  Options: optionsSchema,
  FieldProperties: fieldPropertiesSchema,
  Layouts: layoutsSchema,
  DefaultLayout: defaultLayoutSchema,
  Contacts: contactsSchema,
  Erasure: erasureSchema,
  Problem: problemSchema,
};

export type RequestName = keyof typeof requestSchemas;
export type QueryName = keyof typeof querySchemas;
export type ResponseName = keyof typeof responseSchemas;

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** All of them as JSON Schema 2020-12, which OpenAPI 3.1 speaks, by name. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return { ...named(requestSchemas, 'input'), ...named(responseSchemas, 'output') };
}

/** The parameters of a query string: name, schema, and whether it must be there. */
export function queryParameters(name: QueryName) {
  const { properties = {}, required = [] } = z.toJSONSchema(querySchemas[name], { io: 'input' });
  return Object.entries(properties).map(([parameter, schema]) => ({
    name: parameter,
    in: 'query',
    required: required.includes(parameter),
    schema,
  }));
}

function named(schemas: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output') {
  const registry = z.registry<{ id?: string | undefined }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const { schemas: found } = z.toJSONSchema(registry, {
    io,
    uri: (id) => `#/components/schemas/${id}`,
    // `readonly` speaks of our types, `readOnly` of what a client may send.
    override: ({ jsonSchema }) => delete jsonSchema.readOnly,
  });
  return Object.fromEntries(Object.entries(found).map(([id, schema]) => [id, bare(schema)]));
}

/** Without the words by which a schema introduces itself: within the document it has neither. */
function bare(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}
