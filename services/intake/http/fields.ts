import { callerOf } from '@waybill/auth';
import type { ContactSource, FieldProperty, Layout } from '@waybill/contacts';
import { ExportError } from '@waybill/errors';
import { parseWith, type HttpRouter } from '@waybill/http';
import { z } from 'zod';
import { exportableFields } from '../request/fields.ts';
import { pageOf, pageQuerySchema } from '../request/pages.ts';
import { permit } from './guard.ts';

/** The query string of the field properties. */
export const fieldQuerySchema = pageQuerySchema.extend({ layout_id: z.string().min(1).max(200).optional() });

/** Adds the routes of the company's fields and layouts. */
export function addFieldRoutes(router: HttpRouter, contacts: ContactSource): void {
  router.get('/field_properties', permit('contacts.export'), async (ctx) => {
    const query = parseWith(fieldQuerySchema, ctx.query);
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
    ctx.body = layout;
  });

  router.get('/layouts', permit('contacts.export'), async (ctx) => {
    const query = parseWith(pageQuerySchema, ctx.query);
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
