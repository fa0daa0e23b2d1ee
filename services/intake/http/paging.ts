import { z } from 'zod';

/** Pages of a list that fits into memory; counted from 1. */
export const pageQuerySchema = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  per_page: z.coerce.number().int().min(1).max(500).default(100),
});

/** Which fields are asked for. */
export const fieldQuerySchema = pageQuerySchema.extend({ layout_id: z.string().min(1).max(200).optional() });

export type PageQuery = z.output<typeof pageQuerySchema>;

export interface Pagination {
  readonly page: number;
  readonly per_page: number;
  readonly total: number;
  readonly total_pages: number;
}

/** One page of a list, with what a client needs to ask for the next. */
export function pageOf<T>(
  items: readonly T[],
  { page, per_page }: PageQuery,
): { data: readonly T[]; pagination: Pagination } {
  return {
    data: items.slice((page - 1) * per_page, page * per_page),
    pagination: { page, per_page, total: items.length, total_pages: Math.ceil(items.length / per_page) },
  };
}
