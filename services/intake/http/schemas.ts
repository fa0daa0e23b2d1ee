import { erasureRequest } from '@waybill/erasure';
import { defaultTimezone } from '@waybill/domain';
import { preflightSchema } from '../admission/preflight.ts';
import { receiptSchema, statusSchema } from '../job/status-schema.ts';
import { newPresetSchema, presetChangeSchema } from '../presets/preset.ts';
import { exportRequestSchema } from '../request/export-request.ts';
import { contactsSearchSchema } from '../request/contacts-search.ts';
import { optionsSchema } from '../request/options.ts';
import { pageQuerySchema } from '../request/pages.ts';
import {
  acceptedSchema,
  contactsSchema,
  erasureSchema,
  exportsSchema,
  fieldPropertiesSchema,
  lastConfigurationSchema,
  layoutSchema,
  layoutsSchema,
  presetsSchema,
  presetViewSchema,
} from './answers.ts';
import { fieldQuerySchema } from './fields.ts';
import { exportsQuerySchema } from './jobs.ts';

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
  exports: exportsQuerySchema,
};

/** The schemas of answers. */
export const responseSchemas = {
  Accepted: acceptedSchema,
  Preflight: preflightSchema,
  Status: statusSchema,
  Exports: exportsSchema,
  Receipt: receiptSchema,
  Presets: presetsSchema,
  Preset: presetViewSchema,
  LastConfiguration: lastConfigurationSchema,
  Options: optionsSchema,
  FieldProperties: fieldPropertiesSchema,
  Layouts: layoutsSchema,
  Layout: layoutSchema,
  Contacts: contactsSchema,
  Erasure: erasureSchema,
};

export type RequestName = keyof typeof requestSchemas;
export type ResponseName = keyof typeof responseSchemas;
