/** Shapes that the requests and answers of several services share, so that a client learns each once. */
import { currentTimezone, isTimezone } from '@waybill/domain';
import { detailText, inEachLanguage, isErrorCode, type Language } from '@waybill/errors';
import { z } from 'zod';
import { encodeCursor, type Cursor } from './cursor.ts';

/** The timezone of a search: an IANA id, also an older name or one in other letter case, which becomes its current name. */
export const timezoneSchema = z
  .string()
  .refine(
    isTimezone,
    inEachLanguage({
      en: 'must be an IANA timezone id such as Asia/Jakarta',
      id: 'harus berupa id zona waktu IANA seperti Asia/Jakarta',
    }),
  )
  .overwrite(currentTimezone);

/** The file of an export. */
export const fileSchema = z
  .strictObject({
    name: z.string(),
    bytes: z.int().min(0),
    expires_at: z.iso.datetime().describe('When the file is removed'),
    download_url: z.url().describe('Asks for a session; answers 410 after the file was removed'),
  })
  .describe('The file of an export');

export type FileView = z.output<typeof fileSchema>;

/** Why an export failed. */
export const failureSchema = z
  .strictObject({
    code: z.string().describe('Stable; one of the error catalogue'),
    message: z.string().describe('What is wrong and what to do, in the language of the reader'),
  })
  .describe('Why an export failed');

export type FailureView = z.output<typeof failureSchema>;

/** A failure as events carry it. */
interface CarriedFailure {
  readonly code: string;
  /** The English text, for a reader that does not know the code. */
  readonly detail: string;
  readonly params: Readonly<Record<string, string>>;
}

/** Returns a failure in a language. A code of a newer release, which this one does not know, keeps its English text. */
export function failureView({ code, detail, params }: CarriedFailure, language: Language): FailureView {
  return { code, message: isErrorCode(code) ? detailText(code, params, language) : detail };
}

/** The part of a query string that selects a page of a list that grows, such as exports, newest first. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(200).describe('next_cursor of the page before, with the same query').optional(),
};

export const cursorPaginationSchema = z.strictObject({
  limit: z.int().min(1),
  next_cursor: z.string().nullable().describe('Null on the last page'),
});

/** Returns the pagination of a page that ends at `next`, or that is the last one. */
export function cursorPagination(
  limit: number,
  next: Cursor | undefined,
): z.output<typeof cursorPaginationSchema> {
  return { limit, next_cursor: next === undefined ? null : encodeCursor(next) };
}
