import { builtInField } from './built-in-fields.ts';
import type { ColumnSource, FieldProperty, ReferenceKind } from '../types.ts';

/** MongoDB reads `$` and `.` in a property's name as operators and paths, so such a name is never put into a query. */
const propertyName = /^[A-Za-z_][\w-]*$/;

/** Where a field's values are stored, or undefined where the name could mean something else to MongoDB. */
export function placeOf(property: FieldProperty): ColumnSource | undefined {
  if (!property.is_default) return { kind: 'custom', key: property.name };
  const path = builtInField(property.name)?.path ?? property.name;
  return propertyName.test(path) ? { kind: 'property', path } : undefined;
}

/** Whose names stand for the ids of a field. */
export function referenceOf(property: FieldProperty): ReferenceKind | undefined {
  if (property.is_default) {
    const known = builtInField(property.name)?.reference;
    if (known !== undefined) return known;
  }
  return property.field_type === 'owner' ? 'owners' : undefined;
}
