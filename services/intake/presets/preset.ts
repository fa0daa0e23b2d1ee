import type { FieldProperty, Layout } from '@waybill/contacts';
import type { CompanyId, UserId } from '@waybill/domain';
import type { Configuration, ExportBody } from '../request/export-request.ts';
import { exportableFields, unknownFields } from '../request/fields.ts';
import { fingerprint, type Owner } from '../request/fingerprint.ts';

/** A configuration with a name, of one person; shared ones are seen by the whole company. */
export interface Preset {
  readonly _id: string;
  readonly company_id: CompanyId;
  readonly user_id: UserId;
  readonly name: string;
  readonly shared: boolean;
  readonly configuration: Configuration;
  readonly created_at: number;
  readonly updated_at: number;
}

/** A preset as its reader sees it. */
export interface PresetView {
  readonly id: string;
  readonly name: string;
  readonly shared: boolean;
  /** Whether the reader may change it. */
  readonly own: boolean;
  readonly configuration: Configuration;
  /** Fields of the configuration that are gone or may not be exported any more, in its order. */
  readonly missing_fields: readonly string[];
  /** Whether the layout is gone. */
  readonly missing_layout: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What a company has now, against which an old configuration is held. */
export interface CompanyFields {
  readonly properties: readonly FieldProperty[];
  readonly layouts: readonly Layout[];
}

export function presetView(preset: Preset, reader: Owner, fields: CompanyFields): PresetView {
  return {
    id: preset._id,
    name: preset.name,
    shared: preset.shared,
    own: preset.user_id === reader.userId,
    configuration: preset.configuration,
    ...missingOf(preset.configuration, fields),
    created_at: new Date(preset.created_at).toISOString(),
    updated_at: new Date(preset.updated_at).toISOString(),
  };
}

/** What of a configuration no longer exists. It is said and kept: a layout that comes back makes it whole again. */
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

const selectionKeys: ReadonlySet<string> = new Set(['selection_mode', 'ids', 'criterion']);

/** What of a request is worth remembering: all but the contacts that it was about. */
export function configurationOf(body: ExportBody): Configuration {
  const kept = Object.entries(body).filter(([key]) => !selectionKeys.has(key));
  // A body without the keys of its selection is a configuration: body.ts composes it that way.
  return Object.fromEntries(kept) as Configuration;
}

/**
 * What keeps names apart: a person's private presets among each other, a company's shared ones among each other. Case
 * and blanks around a name do not tell two names apart.
 */
export function nameClaim({ companyId, userId }: Owner, name: string, shared: boolean): string {
  const plain = name.trim().toLocaleLowerCase('en');
  return fingerprint(shared ? [companyId, 'shared', plain] : [companyId, 'private', userId, plain]);
}
