import { callerOf, type Caller } from '@waybill/auth';
import { cursor, exportColumns, type ContactSource, type ExportColumn } from '@waybill/contacts';
import { ExportError, type Language } from '@waybill/errors';
import { languageOf, readJsonBody, type HttpRouter } from '@waybill/http';
import { limits } from '@waybill/domain';
import type { RateLimit } from '../admission/rate-limit.ts';
import {
  contactQueryOf,
  contactsSearchSchema,
  requireOnePeriod,
  type ContactsSearch,
} from '../request/contacts-search.ts';
import { exportableFields, fieldsOfCriterion, requireFields } from '../request/fields.ts';
import { parseRequest } from '../request/parse.ts';
import { permit } from './guard.ts';
import { limitReads } from './rate-limit-headers.ts';

export interface ContactRouteDeps {
  readonly contacts: ContactSource;
  readonly readLimit: RateLimit;
  readonly defaultTimezone: string;
  readonly countLimitMs: number;
  readonly searchLimitMs: number;
  readonly now: () => Date;
}

/** Adds the search for contacts from which a person selects, with the same criterion as an export. */
export function addContactRoute(router: HttpRouter, deps: ContactRouteDeps): void {
  const { contacts, now } = deps;
  router.post('/search', permit('contacts.export'), limitReads(deps.readLimit), async (ctx) => {
    const caller = callerOf(ctx);
    const language = languageOf(ctx);
    const search = parseRequest(contactsSearchSchema, await readJsonBody(ctx, limits.bodyBytes), language);
    requireOnePeriod(search, language);
    const columns = await columnsOf(contacts, caller, { ...search, language });
    const selected = contactQueryOf(search, { ...deps, companyId: caller.companyId, now: now().getTime() });
    const first = search.cursor === undefined;
    const [page, counted] = await Promise.all([
      contacts.list(selected, columns, {
        limit: search.limit,
        maxTimeMs: deps.searchLimitMs,
        ...(search.cursor === undefined ? {} : { after: cursor(search.cursor) }),
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
        limit: search.limit,
        next_cursor: page.next ?? null,
        total: counted === undefined || counted.late ? null : counted.total,
      },
    };
  });
}

/**
 * Returns the columns of the list, after a check that the caller may see them and the fields of the criterion.
 * @throws ExportError `EXPORT_LAYOUT_UNKNOWN`, `EXPORT_FIELD_UNKNOWN`
 */
async function columnsOf(
  contacts: ContactSource,
  { companyId }: Caller,
  search: ContactsSearch & { readonly language: Language },
): Promise<readonly ExportColumn[]> {
  const [properties, layout] = await Promise.all([
    contacts.fieldProperties(companyId),
    search.layout_id === undefined
      ? contacts.defaultLayout(companyId)
      : contacts.layout(companyId, search.layout_id),
  ]);
  if (layout === undefined) {
    throw new ExportError('EXPORT_LAYOUT_UNKNOWN', { params: { layout_id: search.layout_id ?? 'default' } });
  }
  const exportable = exportableFields(properties, layout);
  const chosen = (search.fields ?? []).map((name, index) => ({ name, path: `fields.${index}` }));
  requireFields([...chosen, ...fieldsOfCriterion(search.criterion)], exportable);
  // A layout may contain removed fields: the list shows the others.
  const known = new Set(exportable.map((property) => property.name));
  const names = search.fields ?? layout.fields.filter((name) => known.has(name));
  return exportColumns(exportable, names, search.language);
}
