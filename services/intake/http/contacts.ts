import { callerOf, type Caller } from '@waybill/auth';
import { cursor, exportColumns, type ContactSource, type ExportColumn } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import { languageOf, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import {
  contactQueryOf,
  contactsQuerySchema,
  requireOnePeriod,
  type ContactsQuery,
} from '../request/contacts-query.ts';
import { exportableFields, requireFields } from '../request/fields.ts';
import { parseRequest } from '../request/parse.ts';
import { permit } from './guard.ts';

export interface ContactRouteDeps {
  readonly contacts: ContactSource;
  readonly defaultTimezone: string;
  readonly countLimitMs: number;
  readonly now: () => Date;
}

/** Adds the list of contacts from which a person selects, with the same criterion as an export. */
export function addContactRoute(router: HttpRouter, deps: ContactRouteDeps): void {
  const { contacts, now } = deps;
  router.get('/', permit('contacts.export'), async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const query = parseRequest(contactsQuerySchema, ctx.query, language);
    requireOnePeriod(query, language);
    const selected = contactQueryOf(query, { ...deps, companyId: caller.companyId, now: now().getTime() });
    const columns = await columnsOf(contacts, caller, { ...query, language });
    const first = query.cursor === undefined;
    const [page, counted] = await Promise.all([
      contacts.list(selected, columns, {
        limit: query.limit,
        ...(query.cursor === undefined ? {} : { after: cursor(query.cursor) }),
      }),
      first
        ? contacts.count(selected, { limit: limits.maximumCap + 1, maxTimeMs: deps.countLimitMs })
        : undefined,
    ]);
    ctx.body = {
      columns: columns.map(({ name, header, fieldType }) => ({ name, header, field_type: fieldType })),
      data: page.contacts.map(({ id, row }) => ({
        id,
        values: Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])),
      })),
      pagination: {
        limit: query.limit,
        next_cursor: page.next ?? null,
        total: counted === undefined || counted.late ? null : counted.total,
      },
    };
  });
}

/**
 * Returns the columns of the list.
 * @throws ExportError `EXPORT_LAYOUT_UNKNOWN`, `EXPORT_FIELD_UNKNOWN`
 */
async function columnsOf(
  contacts: ContactSource,
  { companyId }: Caller,
  query: ContactsQuery & { readonly language: Language },
): Promise<readonly ExportColumn[]> {
  const [properties, layout] = await Promise.all([
    contacts.fieldProperties(companyId),
    query.layout_id === undefined
      ? contacts.defaultLayout(companyId)
      : contacts.layout(companyId, query.layout_id),
  ]);
  if (layout === undefined) {
    throw new ExportError('EXPORT_LAYOUT_UNKNOWN', { params: { layout_id: query.layout_id ?? 'default' } });
  }
  const exportable = exportableFields(properties, layout);
  if (query.fields !== undefined) requireFields(query.fields, exportable);
  // A layout may contain removed fields: the list shows the others.
  const known = new Set(exportable.map((property) => property.name));
  const names = query.fields ?? layout.fields.filter((name) => known.has(name));
  return exportColumns(exportable, names, query.language);
}
