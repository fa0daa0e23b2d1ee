import type { JsonValue } from '@waybill/formatting';
import { Binary, BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';

/** Number of significant digits that a double always preserves (IEEE 754). */
const doubleDigits = 15;

/**
 * Returns a stored value as JSON. A value without a JSON form becomes text, so nothing is lost. Dates become ISO texts,
 * because only a datetime column is an instant.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // JSON has no NaN and no infinities. The formatter counts their text.
      return Number.isFinite(value) ? value : String(value);
    case 'object':
      return value === null ? null : objectToJson(value);
    case 'bigint':
      return numberOrText(String(value));
    default:
      return null;
  }
}

function objectToJson(value: object): JsonValue {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return dateText(value);
  // A Timestamp extends Long but is not a number.
  if (value instanceof Timestamp) return BSON.EJSON.stringify(value);
  if (value instanceof Decimal128 || value instanceof Long) return numberOrText(value.toString());
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Binary || Buffer.isBuffer(value)) return value.toString('base64');
  if ('_bsontype' in value || value instanceof RegExp) return BSON.EJSON.stringify(value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJson(entry)]));
}

function dateText(date: Date): string {
  // MongoDB stores dates beyond the range of JavaScript.
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString();
}

/** Returns the number of a decimal text, or the text if a double would change a digit. */
function numberOrText(text: string): number | string {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  const number = Number(text);
  const exact = digits.length <= doubleDigits && Number.isFinite(number) && (number !== 0 || digits === '');
  return exact ? number : text;
}
