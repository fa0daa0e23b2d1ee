import { erasureRequest } from '@waybill/erasure';
import { defaultTimezone } from '@waybill/domain';
import { preflightSchema } from '../admission/preflight.ts';
import { receiptSchema, statusSchema } from '../job/status-schema.ts';
import { newPresetSchema, presetChangeSchema } from '../presets/preset.ts';
import { exportRequestSchema } from '../request/export-request.ts';
import { contactsSearchSchema } from '../request/contacts-search.ts';
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
} from './answers.ts';
import { fieldQuerySchema, pageQuerySchema } from './fields.ts';

/** The schemas that validate request bodies. Fields with a default may be left out. */
export const requestSchemas = {
  ExportRequest: exportRequestSchema(defaultTimezone, 'en'),
  ContactsSearch: contactsSearchSchema,
  NewPreset: newPresetSchema(defaultTimezone, 'en'),
  PresetChange: presetChangeSchema(defaultTimezone, 'en'),
  ErasureRequest: erasureRequest,
};

/** The schemas of query strings. */
export const querySchemas = {
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
};

export type RequestName = keyof typeof requestSchemas;
export type ResponseName = keyof typeof responseSchemas;
