import { ExportError } from '@waybill/errors';
import { BSON } from 'mongodb';
import { z } from 'zod';
import { isSortValue, type Sorting, type SortValue } from './sorting.ts';
import { cursor, type Cursor } from '../types.ts';

/** Position of a page's last id: at a contact with a sorted value, or among those that follow by id. */
export type Position =
  | { readonly pass: 'sorted'; readonly value: SortValue | undefined; readonly id: string }
  | { readonly pass: 'rest'; readonly id: string | undefined };

/** Contents of a cursor. `v` is Extended JSON, which keeps every digit of a number. */
const cursorSchema = z.strictObject({
  f: z.string(),
  d: z.enum(['asc', 'desc']),
  p: z.enum(['sorted', 'rest']),
  v: z.string().optional(),
  i: z.string().optional(),
});

/** Returns the cursor of a position in a sort. */
export function encodePosition(position: Position, { field, direction }: Sorting): Cursor {
  const json = JSON.stringify({
    f: field,
    d: direction,
    p: position.pass,
    ...(position.pass === 'rest' || position.value === undefined
      ? {}
      : { v: BSON.EJSON.stringify({ v: position.value }, { relaxed: false }) }),
    ...(position.id === undefined ? {} : { i: position.id }),
  });
  return cursor(Buffer.from(json).toString('base64url'));
}

/**
 * Returns the position that a cursor contains.
 * @throws ExportError `VALIDATION_FAILED` if we did not issue it, or it belongs to another sort.
 */
export function decodePosition(given: Cursor, sorting: Sorting): Position {
  const decoded = readCursor(given);
  if (decoded === undefined || decoded.f !== sorting.field || decoded.d !== sorting.direction) {
    throw foreign();
  }
  const { p: pass, v, i: id } = decoded;
  if (pass === 'rest') return { pass, id };
  if (id === undefined) throw foreign();
  if (sorting.key === undefined) return { pass, id, value: undefined };
  const value = v === undefined ? undefined : readValue(v);
  if (!isSortValue(value, sorting.key.kind)) throw foreign();
  return { pass, id, value };
}

function readCursor(given: Cursor): z.output<typeof cursorSchema> | undefined {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(given, 'base64url').toString()));
  } catch {
    return undefined;
  }
}

function readValue(text: string): unknown {
  try {
    // Relaxed parsing would round a Long beyond a double, and the page would start elsewhere.
    const read: unknown = BSON.EJSON.parse(text, { relaxed: false });
    return typeof read === 'object' && read !== null && 'v' in read ? read.v : undefined;
  } catch {
    return undefined;
  }
}

function foreign(): ExportError {
  return new ExportError('VALIDATION_FAILED', {
    errors: [
      {
        path: 'cursor',
        message: {
          en: 'is not a cursor of this query: start again without one',
          id: 'bukan cursor dari kueri ini: mulai lagi tanpa cursor',
        },
      },
    ],
  });
}
