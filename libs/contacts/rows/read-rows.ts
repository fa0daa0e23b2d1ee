import type { JsonValue } from '@waybill/formatting';
import type { Collection } from 'mongodb';
import type { ExportColumn, ReferenceKind, Row } from '../types.ts';
import { chunksOf, inParallel } from './chunks.ts';
import type { CrmCollections, NamedDocument } from '../collections.ts';
import { findByIds } from './find-by-ids.ts';
import { createRowReader } from './row-values.ts';

/** Number of contacts in one query: about 1 MiB of documents, one reply of MongoDB. */
const contactsPerQuery = 500;
/** Number of queries at a time. With more, other exports would wait for connections. */
const queriesInFlight = 4;

/** Returns rows in the order of the ids; undefined for a contact that is missing or another company's. */
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

/** Number of names in one query. */
const namesPerQuery = 1000;
const nameQueriesInFlight = 2;

/**
 * Replaces the ids in rows by display names. It reads each name once. An id without a record is not replaced, so that
 * nothing is lost.
 */
async function nameReferences(
  collections: Pick<CrmCollections, ReferenceKind>,
  companyId: string,
  columns: readonly ExportColumn[],
  rows: readonly JsonValue[][],
): Promise<void> {
  const byKind = new Map<ReferenceKind, number[]>();
  for (const [index, { reference }] of columns.entries()) {
    if (reference !== undefined) byKind.set(reference, [...(byKind.get(reference) ?? []), index]);
  }
  await Promise.all(
    [...byKind].map(async ([kind, indexes]) => {
      const names = await readNames(collections[kind], companyId, idsIn(rows, indexes));
      for (const row of rows) {
        for (const index of indexes) row[index] = named(row[index] ?? null, names);
      }
    }),
  );
}

function idsIn(rows: readonly Row[], indexes: readonly number[]): readonly string[] {
  const values = rows.flatMap((row) => indexes.flatMap((index) => row[index] ?? []));
  return [...new Set(values.filter((id): id is string => typeof id === 'string' && id !== ''))];
}

function named(value: JsonValue, names: ReadonlyMap<string, string>): JsonValue {
  if (typeof value === 'string') return names.get(value) ?? value;
  return Array.isArray(value) ? (value as readonly JsonValue[]).map((id) => named(id, names)) : value;
}

async function readNames(
  collection: Collection<NamedDocument>,
  companyId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await inParallel(chunksOf(ids, namesPerQuery), nameQueriesInFlight, (chunk) =>
    findByIds(collection, companyId, chunk, { name: 1 }),
  );
  const withNames = found.flat().filter(({ name }) => typeof name === 'string' && name !== '');
  return new Map(withNames.map(({ _id, name }) => [_id, name]));
}
