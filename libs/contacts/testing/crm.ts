import { silentLogger } from '@waybill/observability';
import { openStore, type Store } from '@waybill/mongo';
import { sharedAddresses, uniqueName } from '@waybill/testbed';
import { crmCollections, type CrmCollections } from '../collections.ts';
import type { ContactDocument } from '../types.ts';

/** A CRM database of a test's own on the shared server, removed by `await using`. */
export interface TestCrm extends AsyncDisposable {
  readonly db: Store['db'];
  readonly collections: CrmCollections;
  /** Stores contacts as they are, however strange. */
  insert(
    companyId: string,
    contacts: readonly (Readonly<Record<string, unknown>> & { readonly _id: string })[],
  ): Promise<void>;
}

export function openCrm(): TestCrm {
  const logger = silentLogger();
  const store = openStore({ url: sharedAddresses().mongo.url, database: uniqueName('crm'), logger });
  const collections = crmCollections(store.db);
  return {
    db: store.db,
    collections,
    async insert(companyId, contacts) {
      await collections.contacts.insertMany(
        contacts.map((contact): ContactDocument => ({ ...contact, company_id: companyId })),
      );
    },
    async [Symbol.asyncDispose]() {
      await store.db.dropDatabase();
      await store.close();
    },
  };
}
