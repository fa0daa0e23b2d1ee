import type { JsonValue } from '@waybill/formatting';
import { toJson } from './json-value.ts';
import type { ContactDocument, ExportColumn } from '../types.ts';

/** Converts a stored value to the value of a row. `currencyCode` is the code in the custom field's entry. */
type ToValue = (stored: unknown, currencyCode?: unknown) => JsonValue;

/** Reader of many contacts with the same columns. */
export interface RowReader {
  /** MongoDB projection of the properties that the columns need. */
  readonly projection: Readonly<Record<string, 1>>;
  /** Returns the values of a contact in column order. References are still ids. */
  read(document: ContactDocument): JsonValue[];
}

/** Returns a reader for these columns. */
export function createRowReader(columns: readonly ExportColumn[]): RowReader {
  const toValues = columns.map(toValueOf);
  const properties: { readonly index: number; readonly path: string }[] = [];
  const custom = new Map<string, number>();
  for (const [index, { source }] of columns.entries()) {
    if (source.kind === 'property') properties.push({ index, path: source.path });
    else custom.set(source.key, index);
  }
  const paths = [...properties.map(({ path }) => path), ...(custom.size > 0 ? ['custom_fields'] : [])];

  function readCustom(row: JsonValue[], entries: unknown): void {
    if (!Array.isArray(entries)) return;
    for (const entry of entries as readonly unknown[]) {
      if (typeof entry !== 'object' || entry === null) continue;
      const index = custom.get(String(Reflect.get(entry, 'key')));
      // The first of two entries with the same key counts, as in MongoDB's `$elemMatch` projection.
      if (index === undefined || row[index] !== null) continue;
      row[index] =
        toValues[index]?.(Reflect.get(entry, 'value'), Reflect.get(entry, 'currency_code')) ?? null;
    }
  }

  return {
    projection: Object.fromEntries(['_id', ...paths].map((path) => [path, 1])),
    read(document) {
      const row: JsonValue[] = new Array<JsonValue>(columns.length).fill(null);
      for (const { index, path } of properties) row[index] = toValues[index]?.(document[path]) ?? null;
      if (custom.size > 0) readCustom(row, document.custom_fields);
      return row;
    },
  };
}

function toValueOf(column: ExportColumn): ToValue {
  if (column.fieldType === 'datetime') return instant;
  if (column.fieldType === 'number' && column.numberType === 'currency') return money(column.currencyCode);
  return toJson;
}

/** Returns epoch milliseconds. Another value than an instant is returned unchanged, so that the formatter counts it. */
function instant(stored: unknown): JsonValue {
  if (stored instanceof Date && !Number.isNaN(stored.getTime())) return stored.getTime();
  return toJson(stored);
}

/** Returns a conversion to `{value, currency_code}`, with the code of the value, of its entry, or of the field. */
function money(fieldCode: string | undefined): ToValue {
  return (stored, entryCode) => {
    const own = isMoney(stored) ? stored : undefined;
    const value = toJson(own === undefined ? stored : own.value);
    if (value === null || value === '') return null;
    const code = [own?.currency_code, entryCode, fieldCode].find(
      (each) => each !== undefined && each !== null && each !== '',
    );
    return code === undefined ? value : { value, currency_code: toJson(code) };
  };
}

function isMoney(stored: unknown): stored is { readonly value: unknown; readonly currency_code?: unknown } {
  return typeof stored === 'object' && stored !== null && 'value' in stored;
}
