import type { Criterion, FieldProperty, Layout } from '@waybill/contacts';
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

/** A field that a request names, and where. */
export interface NamedField {
  readonly name: string;
  /** Its path in the body. */
  readonly path: string;
}

/** Returns the fields that a request exports, filters by and sorts by. */
export function fieldsOfRequest(request: {
  readonly selected_fields: readonly string[];
  readonly criterion?: Criterion | undefined;
}): readonly NamedField[] {
  const selected = request.selected_fields.map((name, index) => ({ name, path: `selected_fields.${index}` }));
  return [...selected, ...fieldsOfCriterion(request.criterion)];
}

/** Returns the fields that a criterion filters by and sorts by. */
export function fieldsOfCriterion(criterion: Criterion | undefined): readonly NamedField[] {
  const { filters = [], sort } = criterion ?? {};
  const filtered = filters.map(({ field }, index) => ({
    name: field,
    path: `criterion.filters.${index}.field`,
  }));
  return sort === undefined ? filtered : [...filtered, { name: sort.field, path: 'criterion.sort.field' }];
}

/**
 * Rejects fields that may not be exported. They may not be filtered or sorted by either: the number and the order of the
 * contacts found would show their values. A hidden field gets the answer of a field that does not exist.
 * @throws ExportError `EXPORT_FIELD_UNKNOWN` with the path of each such field.
 */
export function requireFields(named: readonly NamedField[], exportable: readonly FieldProperty[]): void {
  const names = named.map(({ name }) => name);
  const unknown = new Set(unknownFields(names, exportable));
  if (unknown.size === 0) return;
  throw new ExportError('EXPORT_FIELD_UNKNOWN', {
    params: { fields: [...unknown].join(', ') },
    errors: named.flatMap(({ name, path }) => (unknown.has(name) ? [{ path, message: name }] : [])),
  });
}
