import type { Collection } from 'mongodb';

interface OwnedDocument {
  readonly _id: string;
  readonly company_id: string;
}

/**
 * Returns the company's documents with these ids, in any order.
 *
 * The company is compared here and not in the query. MongoDB finds the documents by id anyway, and the server of the
 * native stack uses its index of ids only for a query without other conditions: 500 contacts out of 12,500 took 425 ms
 * instead of 17 ms. Every read by id uses this function.
 */
export async function findByIds<D extends OwnedDocument>(
  collection: Collection<D>,
  companyId: string,
  ids: readonly string[],
  projection: Readonly<Record<string, 1>>,
): Promise<readonly D[]> {
  // The driver derives the id's type from D, which TypeScript cannot resolve here.
  const byId = collection as unknown as Collection<OwnedDocument>;
  const found = await byId
    .find({ _id: { $in: [...ids] } })
    .project<D>({ ...projection, company_id: 1 })
    .batchSize(Math.max(ids.length, 1))
    .toArray();
  return found.filter((document) => document.company_id === companyId);
}
