import { z } from 'zod';

/** Most entries of one page. */
export const maximumPerPage = 500;

/** The query string of a list that is read whole, such as fields, layouts and presets. Pages are counted from 1. */
export const pageQuerySchema = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  per_page: z.coerce.number().int().min(1).max(maximumPerPage).default(100),
});

export type PageQuery = z.output<typeof pageQuerySchema>;

export const paginationSchema = z.object({
  page: z.int().min(1),
  per_page: z.int().min(1),
  total: z.int().min(0),
  total_pages: z.int().min(0),
});

/** Returns the pagination of a page of a list with `total` entries. */
export function paginationOf(
  { page, per_page }: PageQuery,
  total: number,
): z.output<typeof paginationSchema> {
  return { page, per_page, total, total_pages: Math.ceil(total / per_page) };
}

/** Returns one page of a list with its pagination. */
export function pageOf<T>(items: readonly T[], query: PageQuery) {
  const start = (query.page - 1) * query.per_page;
  return { data: items.slice(start, start + query.per_page), pagination: paginationOf(query, items.length) };
}
