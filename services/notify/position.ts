import { ExportError } from '@waybill/errors';
import { z } from 'zod';
import type { NotificationPosition } from './notification-store.ts';

const shape = z.tuple([z.int().min(0), z.string().min(1).max(64)]);

/** Opaque to clients: they hand it back as it is. */
export function writePosition({ createdAt, id }: NotificationPosition): string {
  return Buffer.from(JSON.stringify([createdAt.getTime(), id])).toString('base64url');
}

/** @throws ExportError VALIDATION_FAILED for anything that `writePosition` did not write. */
export function readPosition(text: string): NotificationPosition {
  const parsed = shape.safeParse(parseJson(Buffer.from(text, 'base64url').toString('utf8')));
  const createdAt = parsed.success ? new Date(parsed.data[0]) : undefined;
  if (!parsed.success || createdAt === undefined || Number.isNaN(createdAt.getTime())) {
    const message =
      'Hand back the next_cursor of a page as it is, or leave it out to begin with the first page.';
    throw new ExportError('VALIDATION_FAILED', { errors: [{ path: 'cursor', message }] });
  }
  return { createdAt, id: parsed.data[1] };
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
