import { ExportError } from '@waybill/errors';
import { z } from 'zod';

/** Where a page ends: the last entry's place in the order (requested_at, job id), both descending. */
export interface Cursor {
  readonly requestedAt: Date;
  readonly jobId: string;
}

const shape = z.tuple([z.int(), z.string().min(1).max(64)]);

/** Opaque to clients: they hand it back as it is. */
export function writeCursor({ requestedAt, jobId }: Cursor): string {
  return Buffer.from(JSON.stringify([requestedAt.getTime(), jobId])).toString('base64url');
}

/** @throws ExportError VALIDATION_FAILED for anything that `writeCursor` did not write. */
export function readCursor(text: string): Cursor {
  const parsed = shape.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  const requestedAt = parsed.success ? new Date(parsed.data[0]) : undefined;
  if (!parsed.success || requestedAt === undefined || Number.isNaN(requestedAt.getTime())) {
    const message =
      'Hand back the next_cursor of a page as it is, or leave it out to begin with the first page.';
    throw new ExportError('VALIDATION_FAILED', { errors: [{ path: 'cursor', message }] });
  }
  return { requestedAt, jobId: parsed.data[1] };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
