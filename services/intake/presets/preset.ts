import type { FieldProperty, Layout } from '@waybill/contacts';
import type { Language } from '@waybill/errors';
import type { CompanyId, UserId } from '@waybill/domain';
import { z } from 'zod';
import { configurationSchema, type Configuration, type ExportRequest } from '../request/export-request.ts';
import { exportableFields, unknownFields } from '../request/fields.ts';
import { fingerprint, type Owner } from '../request/fingerprint.ts';

/** A named configuration of one person. The whole company sees a shared preset. */
export interface Preset {
  readonly _id: string;
  readonly company_id: CompanyId;
  readonly user_id: UserId;
  readonly name: string;
  readonly shared: boolean;
  readonly configuration: Configuration;
  readonly created_at: number;
  /** Later than before with each change, so that it identifies the version. */
  readonly updated_at: number;
}

/** Values of a change; those that are left out stay unchanged. */
export type PresetChange = z.output<ReturnType<typeof presetChangeSchema>>;

/** A preset as a reader sees it. */
export interface PresetView {
  readonly id: string;
  readonly name: string;
  readonly shared: boolean;
  /** True when the reader owns it. */
  readonly own: boolean;
  readonly configuration: Configuration;
  /** Fields of the configuration that were removed or may no longer be exported, in its order. */
  readonly missing_fields: readonly string[];
  /** True when the layout was removed. */
  readonly missing_layout: boolean;
  /** The version, for If-Match. */
  readonly etag: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** The current fields and layouts of a company, with which a stored configuration is compared. */
export interface CompanyFields {
  readonly properties: readonly FieldProperty[];
  readonly layouts: readonly Layout[];
}

/** Returns a preset as a reader sees it. */
export function presetView(preset: Preset, reader: Owner, fields: CompanyFields): PresetView {
  return {
    id: preset._id,
    name: preset.name,
    shared: preset.shared,
    own: preset.user_id === reader.userId,
    configuration: preset.configuration,
    ...missingOf(preset.configuration, fields),
    etag: etagOf(preset),
    created_at: new Date(preset.created_at).toISOString(),
    updated_at: new Date(preset.updated_at).toISOString(),
  };
}

/** Returns the entity tag of a preset's version (RFC 9110 §8.8.3). */
export function etagOf({ updated_at }: Pick<Preset, 'updated_at'>): string {
  return `"${updated_at}"`;
}

/** Returns whether the value of an If-Match header allows a change of this version (RFC 9110 §13.1.1); none allows all. */
export function matches(ifMatch: string, preset: Pick<Preset, 'updated_at'>): boolean {
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  return ifMatch === '' || ifMatch === '*' || tags.includes(etagOf(preset));
}

/** Returns a preset after a change. */
export function changedPreset(preset: Preset, change: PresetChange, now: number): Preset {
  return {
    ...preset,
    name: change.name ?? preset.name,
    shared: change.shared ?? preset.shared,
    configuration: change.configuration ?? preset.configuration,
    updated_at: Math.max(now, preset.updated_at + 1),
  };
}

/** Returns the fields and layout of a configuration that no longer exist. They stay stored, because they may come back. */
export function missingOf(
  configuration: Pick<Configuration, 'layout_id' | 'selected_fields'>,
  { properties, layouts }: CompanyFields,
): Pick<PresetView, 'missing_fields' | 'missing_layout'> {
  const layout = layouts.find((one) => one.id === configuration.layout_id);
  const exportable = exportableFields(properties, layout ?? { fields: [] });
  return {
    missing_fields: unknownFields(configuration.selected_fields, exportable),
    missing_layout: layout === undefined,
  };
}

const selectionKeys: ReadonlySet<string> = new Set(['selection_mode', 'ids', 'excluded_ids', 'criterion']);

/** Returns the configuration of a request: all fields but the selected contacts. */
export function configurationOf(request: ExportRequest): Configuration {
  const kept = Object.entries(request).filter(([key]) => !selectionKeys.has(key));
  // A request without the keys of its selection is a configuration: export-request.ts composes its schema that way.
  return Object.fromEntries(kept) as Configuration;
}

/**
 * Returns the unique key of a preset's name. Names are unique among the private presets of a person and among the shared
 * presets of a company, without regard to case and surrounding spaces.
 */
export function nameKeyOf({ companyId, userId }: Owner, name: string, shared: boolean): string {
  const plain = name.trim().toLocaleLowerCase('en');
  return fingerprint(shared ? [companyId, 'shared', plain] : [companyId, 'private', userId, plain]);
}

/** Most presets of one person, so that a faulty client cannot fill the database. */
export const maximumPresets = 100;

const nameSchema = z.string().trim().min(1).max(100);

/** Returns the schema of a new preset, which is private by default. */
export function newPresetSchema(defaultTimezone: string, language: Language) {
  return z.strictObject({
    name: nameSchema,
    shared: z.boolean().default(false),
    configuration: configurationSchema(defaultTimezone, language),
  });
}

/** Returns the schema of a change to a preset. Fields that are left out stay unchanged. */
export function presetChangeSchema(defaultTimezone: string, language: Language) {
  return z.strictObject({
    name: nameSchema.optional(),
    shared: z.boolean().optional(),
    configuration: configurationSchema(defaultTimezone, language).optional(),
  });
}
