import type { JsonValue } from '@waybill/formatting';
import { Binary, BSON, Decimal128, Long, ObjectId, Timestamp } from 'mongodb';

/** Significant digits that every double keeps (IEEE 754). */
const doubleDigits = 15;

/**
 * What a contact holds, as JSON. Nothing is lost: what JSON has no form for becomes text. Dates become ISO texts, since
 * only a datetime column is known to mean an instant.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      // NaN and the infinities have no JSON; the formatter counts their text.
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
  // A Timestamp is a Long, but not a number.
  if (value instanceof Timestamp) return BSON.EJSON.stringify(value);
  if (value instanceof Decimal128 || value instanceof Long) return numberOrText(value.toString());
  if (value instanceof ObjectId) return value.toHexString();
  if (value instanceof Binary) return value.toString('base64');
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if ('_bsontype' in value || value instanceof RegExp) return BSON.EJSON.stringify(value);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJson(entry)]));
}

function dateText(date: Date): string {
  // MongoDB's dates reach further than those of JavaScript.
  return Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString();
}

/** The number that a decimal text stands for, or the text where a double would change a digit of it. */
function numberOrText(text: string): number | string {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  const number = Number(text);
  const exact = digits.length <= doubleDigits && Number.isFinite(number) && (number !== 0 || digits === '');
  return exact ? number : text;
}
