import { builtInField } from './built-in-fields.ts';
import type { ColumnSource, FieldProperty, ReferenceKind } from '../types.ts';

/** Property names that a query may contain: MongoDB reads `$` and `.` as operators and paths. */
const propertyName = /^[A-Za-z_][\w-]*$/;

/** Returns where a field's values are stored, or undefined if its name has a meaning in MongoDB. */
export function placeOf(property: FieldProperty): ColumnSource | undefined {
  if (!property.is_default) return { kind: 'custom', key: property.name };
  const path = builtInField(property.name)?.path ?? property.name;
  return propertyName.test(path) ? { kind: 'property', path } : undefined;
}

/** Returns the collection whose names replace the ids of a field, or undefined if the values are not ids. */
export function referenceOf(property: FieldProperty): ReferenceKind | undefined {
  const known = property.is_default ? builtInField(property.name)?.reference : undefined;
  return known ?? (property.field_type === 'owner' ? 'owners' : undefined);
}
