import { erasureRequest } from '@waybill/erasure';
import { defaultTimezone } from '@waybill/domain';
import { z } from 'zod';
import { preflightSchema } from '../admission/preflight.ts';
import { receiptSchema, statusSchema } from '../job/status-schema.ts';
import { newPresetSchema, presetChangeSchema } from '../presets/preset.ts';
import { exportRequestSchema } from '../request/export-request.ts';
import { contactsQuerySchema } from '../request/contacts-query.ts';
import { optionsSchema } from '../request/options.ts';
import {
  acceptedSchema,
  contactsSchema,
  defaultLayoutSchema,
  erasureSchema,
  fieldPropertiesSchema,
  lastConfigurationSchema,
  layoutsSchema,
  presetSchema,
  presetsSchema,
  problemSchema,
} from './answers.ts';
import { fieldQuerySchema, pageQuerySchema } from './fields.ts';

/** The schemas that validate request bodies. Fields with a default may be left out. */
export const requestSchemas = {
  ExportRequest: exportRequestSchema(defaultTimezone, 'en'),
  NewPreset: newPresetSchema(defaultTimezone, 'en'),
  PresetChange: presetChangeSchema(defaultTimezone, 'en'),
  ErasureRequest: erasureRequest,
};

/** The schemas of query strings. */
export const querySchemas = {
  contacts: contactsQuerySchema,
  fields: fieldQuerySchema,
  pages: pageQuerySchema,
};

/** The schemas of answers. */
export const responseSchemas = {
  Accepted: acceptedSchema,
  Preflight: preflightSchema,
  Status: statusSchema,
  Receipt: receiptSchema,
  Presets: presetsSchema,
  Preset: presetSchema,
  LastConfiguration: lastConfigurationSchema,
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

/** Returns every schema by name as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return { ...named(requestSchemas, 'input'), ...named(responseSchemas, 'output') };
}

/** Returns the OpenAPI parameters of a query string. */
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
    // zod writes `readOnly` for a readonly type; in OpenAPI it would mean that clients must not send the field.
    override: ({ jsonSchema }) => delete jsonSchema.readOnly,
  });
  return Object.fromEntries(Object.entries(found).map(([id, schema]) => [id, bare(schema)]));
}

/** Removes `$schema` and `$id`, which a schema within a document does not have. */
function bare(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key !== '$schema' && key !== '$id'));
}
