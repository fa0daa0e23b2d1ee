import { callerOf } from '@waybill/auth';
import type { ContactSource, FieldProperty, Layout } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { languageOf, parseWith, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import { exportableFields } from '../request/fields.ts';
import { permit } from './guard.ts';

/** The query string of a list that fits into memory. Pages are counted from 1. */
export const pageQuerySchema = z.object({
  page: z.coerce.number().int().min(1).max(100_000).default(1),
  per_page: z.coerce.number().int().min(1).max(500).default(100),
});

/** The query string of the field properties. */
export const fieldQuerySchema = pageQuerySchema.extend({ layout_id: z.string().min(1).max(200).optional() });

/** Adds the routes of the company's fields and layouts. */
export function addFieldRoutes(router: HttpRouter, contacts: ContactSource): void {
  router.get('/field_properties', permit('contacts.export'), async (ctx) => {
    const query = parseWith(fieldQuerySchema, ctx.query, { language: languageOf(ctx) });
    const { companyId } = callerOf(ctx);
    const properties = await contacts.fieldProperties(companyId);
    if (query.layout_id === undefined) {
      ctx.body = pageOf(properties, query);
      return;
    }
    const layout = await contacts.layout(companyId, query.layout_id);
    if (layout === undefined) throw unknownLayout(query.layout_id);
    ctx.body = pageOf(inLayoutOrder(exportableFields(properties, layout), layout), query);
  });

  router.get('/layouts/default', permit('contacts.export'), async (ctx) => {
    const layout = await contacts.defaultLayout(callerOf(ctx).companyId);
    if (layout === undefined) throw unknownLayout('default');
    ctx.body = { data: layout };
  });

  router.get('/layouts', permit('contacts.export'), async (ctx) => {
    const query = parseWith(pageQuerySchema, ctx.query, { language: languageOf(ctx) });
    ctx.body = pageOf(await contacts.layouts(callerOf(ctx).companyId), query);
  });
}

/** Orders the fields of the layout first, in its order, then the other fields in the company's order. */
function inLayoutOrder(properties: readonly FieldProperty[], layout: Layout): readonly FieldProperty[] {
  const byName = new Map(properties.map((property) => [property.name, property]));
  const first = layout.fields.flatMap((name) => byName.get(name) ?? []);
  const shown = new Set(layout.fields);
  return [...first, ...properties.filter((property) => !shown.has(property.name))];
}

function unknownLayout(layoutId: string): ExportError {
  return new ExportError('EXPORT_LAYOUT_UNKNOWN', { params: { layout_id: layoutId } });
}

type PageQuery = z.output<typeof pageQuerySchema>;

interface Pagination {
  readonly page: number;
  readonly per_page: number;
  readonly total: number;
  readonly total_pages: number;
}

/** Returns one page of a list with its pagination. */
function pageOf<T>(
  items: readonly T[],
  { page, per_page }: PageQuery,
): { data: readonly T[]; pagination: Pagination } {
  return {
    data: items.slice((page - 1) * per_page, page * per_page),
    pagination: { page, per_page, total: items.length, total_pages: Math.ceil(items.length / per_page) },
  };
}
