import type { Collection } from 'mongodb';

interface OwnedDocument {
  readonly _id: string;
  readonly company_id: string;
}

/**
 * Returns the company's documents among those with the ids, in any order.
 *
 * The company is compared here and not in the query. The ids alone decide how MongoDB finds the documents anyway, and
 * the server of the native stack uses its index of ids only for a query that names nothing else: 500 contacts out of
 * 12,500 took 425 ms there instead of 17 ms. This is the one place that reads by id, so the comparison is never left out.
 */
export async function findByIds<D extends OwnedDocument>(
  collection: Collection<D>,
  companyId: string,
  ids: readonly string[],
  projection: Readonly<Record<string, 1>>,
): Promise<readonly D[]> {
  // The driver types the id by the document; both are strings here.
  const byId = collection as unknown as Collection<OwnedDocument>;
  const found = await byId
    .find({ _id: { $in: [...ids] } })
    .project<D>({ ...projection, company_id: 1 })
    .batchSize(Math.max(ids.length, 1))
    .toArray();
  return found.filter((document) => document.company_id === companyId);
}
