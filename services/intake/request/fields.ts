import type { FieldProperty, Layout } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';

/** Returns the fields that may be exported with a layout: all visible ones, and the hidden ones of the layout. */
export function exportableFields(
  properties: readonly FieldProperty[],
  layout: Pick<Layout, 'fields'>,
): readonly FieldProperty[] {
  const shown = new Set(layout.fields);
  return properties.filter((property) => !property.is_hidden || shown.has(property.name));
}

/** Returns the selected fields that may not be exported, in the order of the request. */
export function unknownFields(
  selected: readonly string[],
  exportable: readonly FieldProperty[],
): readonly string[] {
  const known = new Set(exportable.map((property) => property.name));
  return selected.filter((name) => !known.has(name));
}

/**
 * Rejects a selection of fields that may not be exported.
 * @throws ExportError `EXPORT_FIELD_UNKNOWN` with the path of each such field.
 */
export function requireFields(selected: readonly string[], exportable: readonly FieldProperty[]): void {
  const unknown = new Set(unknownFields(selected, exportable));
  if (unknown.size === 0) return;
  throw new ExportError('EXPORT_FIELD_UNKNOWN', {
    params: { fields: [...unknown].join(', ') },
    errors: selected.flatMap((name, index) =>
      unknown.has(name) ? [{ path: `selected_fields.${index}`, message: name }] : [],
    ),
  });
}
