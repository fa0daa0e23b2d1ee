import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  cursorPagination,
  decodeCursor,
  failureSchema,
  failureView,
  fileSchema,
  pageQuery,
  parseWith,
} from './index.ts';

describe('failureView', () => {
  const failure = { code: 'EXPORT_STALLED', detail: 'stalled', params: { minutes: '120' } };

  it('returns the code and the text in the language of the reader', () => {
    expect(failureView(failure, 'en')).toEqual({
      code: 'EXPORT_STALLED',
      message: 'No contact arrived for 2 hours. Retry the export.',
    });
    expect(failureView(failure, 'id').message).toContain('2 jam');
    expect(failureSchema.safeParse(failureView(failure, 'en')).success).toBe(true);
  });

  it('returns the English text of a code that this version does not know', () => {
    const newer = { ...failure, code: 'EXPORT_NEWER', detail: 'newer text' };
    expect(failureView(newer, 'id')).toEqual({ code: 'EXPORT_NEWER', message: 'newer text' });
  });
});

describe('fileSchema', () => {
  it('has exactly name, bytes, expires_at and download_url', () => {
    const file = {
      name: 'contacts.xlsx',
      bytes: 9,
      expires_at: '2026-11-24T10:00:00.000Z',
      download_url: 'https://crm.example/file',
    };
    expect(fileSchema.safeParse(file).success).toBe(true);
    expect(fileSchema.safeParse({ ...file, key: 'private/exports' }).success).toBe(false);
  });
});

describe('pageQuery', () => {
  it('takes 20 entries by default and at most 100', () => {
    const schema = z.strictObject(pageQuery);
    expect(parseWith(schema, {})).toEqual({ limit: 20 });
    expect(parseWith(schema, { limit: '100' }).limit).toBe(100);
    expect(() => parseWith(schema, { limit: '101' })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED' }),
    );
  });
});

describe('cursorPagination', () => {
  it('returns a cursor that decodes to the position, and null on the last page', () => {
    const next = { at: new Date(1_000), id: 'a' };
    const pagination = cursorPagination(20, next);
    expect(pagination.limit).toBe(20);
    expect(decodeCursor(String(pagination.next_cursor))).toEqual(next);
    expect(cursorPagination(20, undefined)).toEqual({ limit: 20, next_cursor: null });
  });
});
