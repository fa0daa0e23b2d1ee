import { ExportError } from '@waybill/errors';
import { stored } from '@waybill/mongo';
import type { CompanyId } from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections } from './collections.ts';
import { countContacts } from './query/count-contacts.ts';
import { compileQuery, type Condition } from './query/filter.ts';
import { readRows } from './rows/read-rows.ts';
import { selectIds } from './query/select-ids.ts';
import { compileSort, type Sorting } from './query/sorting.ts';
import { withinTime } from './query/time-limit.ts';
import { readFieldProperty, readLayout } from './fields/stored-fields.ts';
import { readTenant } from './tenant.ts';
import type { ContactQuery, ContactSource, FieldProperty, Layout } from './types.ts';

/** Returns the contacts of a CRM's database. It never writes, and sends no query before the first call. */
export function createContactSource(db: Db): ContactSource {
  const collections = crmCollections(db);

  async function fieldProperties(companyId: CompanyId): Promise<readonly FieldProperty[]> {
    const documents = await collections.fieldProperties
      .find({ company_id: companyId })
      .sort({ position: 1 })
      .toArray();
    return documents.map(readFieldProperty).filter((property) => property !== undefined);
  }

  async function layouts(companyId: CompanyId): Promise<readonly Layout[]> {
    const documents = await collections.layouts
      .find({ company_id: companyId })
      .sort({ position: 1 })
      .toArray();
    const read = documents.map(readLayout).filter((layout) => layout !== undefined);
    return [...read.filter((layout) => layout.is_default), ...read.filter((layout) => !layout.is_default)];
  }

  /** Reads the company's fields only if the query names one or searches in some. */
  async function compile(query: ContactQuery): Promise<{ condition: Condition; sorting: Sorting }> {
    const { filters = [], sort, search = '' } = query.criterion ?? {};
    const named = filters.length > 0 || sort !== undefined || search !== '';
    const properties = named ? await fieldProperties(query.companyId) : [];
    return { condition: compileQuery(query, properties), sorting: compileSort(sort, properties) };
  }

  const source: ContactSource = {
    fieldProperties: (companyId) => stored(fieldProperties(companyId)),
    layouts: (companyId) => stored(layouts(companyId)),
    layout: async (companyId, layoutId) =>
      (await source.layouts(companyId)).find((layout) => layout.id === layoutId),
    defaultLayout: async (companyId) => (await source.layouts(companyId)).find((layout) => layout.is_default),
    async tenant(companyId) {
      const document = await stored(collections.tenants.findOne({ _id: companyId }));
      return document === null ? undefined : readTenant(document);
    },
    async count(query, options) {
      const compiled = await stored(compile(query));
      return stored(countContacts({ db, contacts: collections.contacts }, compiled, options));
    },
    async selectIds(query, page) {
      const { condition, sorting } = await stored(compile(query));
      const { maxTimeMs } = page;
      const select = (maxTimeMS?: number) =>
        selectIds(collections.contacts, condition, sorting, { ...page, maxTimeMS });
      if (maxTimeMs === undefined) return stored(select());
      const found = await stored(withinTime(db, maxTimeMs, select));
      if (found !== undefined) return found;
      throw new ExportError('SEARCH_TOO_SLOW', { params: { limit_ms: maxTimeMs } });
    },
    readRows: (companyId, ids, columns) => stored(readRows(collections, companyId, ids, columns)),
    async list(query, columns, page) {
      const { ids, ...next } = await source.selectIds(query, page);
      const rows = await source.readRows(query.companyId, ids, columns);
      const contacts = ids.flatMap((id, index) => {
        const row = rows[index];
        return row === undefined ? [] : { id, row };
      });
      return { contacts, ...next };
    },
  };
  return source;
}
