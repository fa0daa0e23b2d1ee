import { mapStoreError } from '@waybill/mongo';
import type { CompanyId } from '@waybill/domain';
import type { Db } from 'mongodb';
import { crmCollections } from './collections.ts';
import { countContacts } from './query/count-contacts.ts';
import { compileQuery, type Condition } from './query/filter.ts';
import { readRows } from './rows/read-rows.ts';
import { selectIds } from './query/select-ids.ts';
import { compileSort, type Sorting } from './query/sorting.ts';
import { readFieldProperty, readLayout } from './fields/stored-fields.ts';
import { readTenant } from './tenant.ts';
import type { ContactQuery, ContactSource, FieldProperty, IdPage, Layout, PageOptions } from './types.ts';

/** Opens the CRM's contacts in its database. Nothing is written, and nothing is asked before the first call. */
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

  /** The company's fields are asked for only where the query names one. */
  async function compile(query: ContactQuery): Promise<{ condition: Condition; sorting: Sorting }> {
    const { filters = [], sort } = query.criterion ?? {};
    const named = filters.length > 0 || sort !== undefined;
    const properties = named ? await fieldProperties(query.companyId) : [];
    return { condition: compileQuery(query, properties), sorting: compileSort(sort, properties) };
  }

  async function idPage(query: ContactQuery, page: PageOptions): Promise<IdPage> {
    const { condition, sorting } = await compile(query);
    return selectIds(collections.contacts, condition, sorting, page);
  }

  return {
    fieldProperties: (companyId) => reached(() => fieldProperties(companyId)),
    layouts: (companyId) => reached(() => layouts(companyId)),
    layout: (companyId, layoutId) =>
      reached(async () => (await layouts(companyId)).find((layout) => layout.id === layoutId)),
    defaultLayout: (companyId) =>
      reached(async () => (await layouts(companyId)).find((layout) => layout.is_default)),
    tenant: (companyId) =>
      reached(async () => {
        const document = await collections.tenants.findOne({ _id: companyId });
        return document === null ? undefined : readTenant(document);
      }),
    count: (query, options) =>
      reached(async () => countContacts(db, collections.contacts, (await compile(query)).condition, options)),
    selectIds: (query, page) => reached(() => idPage(query, page)),
    readRows: (companyId, ids, columns) => reached(() => readRows(collections, companyId, ids, columns)),
    list: (query, columns, page) =>
      reached(async () => {
        const { ids, next } = await idPage(query, page);
        const rows = await readRows(collections, query.companyId, ids, columns);
        const contacts = ids.flatMap((id, index) => {
          const row = rows[index];
          return row === undefined ? [] : { id, row };
        });
        return { contacts, ...(next === undefined ? {} : { next }) };
      }),
  };
}

/** @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached. */
async function reached<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw mapStoreError(error);
  }
}
