import type { JsonValue } from '@waybill/formatting';
import type { ExportColumn, Row } from '../types.ts';
import { chunksOf, inParallel } from './chunks.ts';
import type { CrmCollections } from '../collections.ts';
import { findByIds } from './find-by-ids.ts';
import { nameReferences } from './references.ts';
import { createRowReader } from './row-values.ts';

/** Contacts of one query: some 1 MiB of documents, one reply of MongoDB. */
const contactsPerQuery = 500;
/** With more, one export would keep the others waiting for connections. */
const queriesInFlight = 4;

/** The rows of contacts, in the order of the ids; undefined for one that is gone or another company's. */
export async function readRows(
  collections: CrmCollections,
  companyId: string,
  ids: readonly string[],
  columns: readonly ExportColumn[],
): Promise<readonly (Row | undefined)[]> {
  const reader = createRowReader(columns);
  const found = new Map<string, JsonValue[]>();
  await inParallel(chunksOf([...new Set(ids)], contactsPerQuery), queriesInFlight, async (chunk) => {
    const documents = await findByIds(collections.contacts, companyId, chunk, reader.projection);
    for (const document of documents) found.set(document._id, reader.read(document));
  });
  await nameReferences(collections, companyId, columns, [...found.values()]);
  return ids.map((id) => found.get(id));
}
