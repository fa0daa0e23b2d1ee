import { ExportError } from '@waybill/errors';
import { z } from 'zod';

/** Where a page ends: the position of its last entry in an order of instant and id, both descending. */
export interface Cursor {
  readonly at: Date;
  readonly id: string;
}

const shape = z.tuple([z.int(), z.string().min(1).max(64)]);

/** Returns the cursor as a text that clients send back unchanged. */
export function encodeCursor({ at, id }: Cursor): string {
  return Buffer.from(JSON.stringify([at.getTime(), id])).toString('base64url');
}

/**
 * Reads a text of `encodeCursor`.
 * @throws ExportError VALIDATION_FAILED for any other text.
 */
export function decodeCursor(text: string): Cursor {
  const parsed = shape.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  const at = parsed.success ? new Date(parsed.data[0]) : undefined;
  if (!parsed.success || at === undefined || Number.isNaN(at.getTime())) {
    const message = {
      en: 'must be the next_cursor of a page, unchanged; leave it out to get the first page',
      id: 'harus berupa next_cursor dari sebuah halaman, tanpa perubahan; hapus untuk mendapat halaman pertama',
    };
    throw new ExportError('VALIDATION_FAILED', { errors: [{ path: 'cursor', message }] });
  }
  return { at, id: parsed.data[1] };
}

/** Returns the position after which a page starts; undefined for the first page. @throws ExportError as `decodeCursor` */
export function positionOf({ cursor }: { readonly cursor?: string | undefined }): Cursor | undefined {
  return cursor === undefined ? undefined : decodeCursor(cursor);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
