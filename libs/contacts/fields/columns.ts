import { ExportError } from '@waybill/errors';
import type { Locale } from '@waybill/domain';
import { builtInField } from './built-in-fields.ts';
import { placeOf, referenceOf } from './field-place.ts';
import type { ExportColumn, FieldProperty } from '../types.ts';

/**
 * Returns the columns of an export in the order of the names, without repeated ones. They are plain JSON, so a plan can
 * contain them.
 * @throws ExportError `EXPORT_FIELD_UNKNOWN` with every name that the company has no field of.
 */
export function exportColumns(
  properties: readonly FieldProperty[],
  fieldNames: readonly string[],
  locale: Locale,
): readonly ExportColumn[] {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const unknown: string[] = [];
  const columns = [...new Set(fieldNames)].flatMap((name) => {
    const property = byName.get(name);
    const column = property === undefined ? undefined : columnOf(property, locale);
    if (column === undefined) unknown.push(name);
    return column ?? [];
  });
  if (unknown.length === 0) return columns;
  throw new ExportError('EXPORT_FIELD_UNKNOWN', { params: { fields: unknown.join(', ') } });
}

function columnOf(property: FieldProperty, locale: Locale): ExportColumn | undefined {
  const source = placeOf(property);
  if (source === undefined) return undefined;
  const { number, options } = property.validation;
  const reference = referenceOf(property);
  return {
    name: property.name,
    header: fieldLabel(property, locale),
    fieldType: property.field_type,
    source,
    ...(number === undefined ? {} : { numberType: number.number_type }),
    ...(options === undefined ? {} : { options }),
    ...(reference === undefined ? {} : { reference }),
    ...(number?.currency_code === undefined ? {} : { currencyCode: number.currency_code }),
  };
}

/** Returns the name of a field that people read: of a built-in one in the language, unless the company renamed it. */
export function fieldLabel(property: FieldProperty, locale: Locale): string {
  const alias = property.name_alias;
  const known = property.is_default ? builtInField(property.name)?.header : undefined;
  if (known === undefined) return alias === '' ? property.name : alias;
  const renamed = alias !== '' && !Object.values(known).includes(alias);
  return renamed ? alias : known[locale];
}
