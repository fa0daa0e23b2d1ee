import { BSON, Decimal128 } from 'mongodb';

/** Significant digits that every double keeps (IEEE 754). */
const doubleDigits = 15;

/**
 * What a line of an NDJSON file says. MongoDB's Extended JSON is understood, as `mongoexport` writes it, and a number
 * keeps digits that a double would lose.
 * @throws SyntaxError when the line is no JSON.
 */
export function parseContactLine(line: string): unknown {
  const value: unknown = JSON.parse(line, keepDigits);
  // Relaxed would turn a Long that no double holds into the nearest one.
  return line.includes('"$') ? BSON.EJSON.deserialize(asDocument(value), { relaxed: false }) : value;
}

/** ECMA-262 gives a reviver the source text of a primitive (JSON.parse source text access). */
function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || String(value) === source) return value;
  const digits = source
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
  if (digits.length <= doubleDigits) return value;
  try {
    return Decimal128.fromString(source);
  } catch {
    // More digits than any number of MongoDB has; a field of numbers may hold them as a text.
    return source;
  }
}

function asDocument(value: unknown): BSON.Document {
  return typeof value === 'object' && value !== null ? value : { value };
}
