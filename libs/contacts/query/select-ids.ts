import type { Collection } from 'mongodb';
import type { Condition } from './filter.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';
import { isSortValue, orderOf, sortedAfter, unsortedAfter, type Sorting, type SortValue } from './sorting.ts';
import type { ContactDocument, IdPage, PageOptions } from '../types.ts';

/** Documents of one reply. A page may have 100,000 ids: only the ids are kept, never all documents. */
const documentsPerReply = 5_000;

/** One page of a sorted selection, and the longest time of each of its queries in MongoDB. */
export interface IdQuery extends Pick<PageOptions, 'after' | 'limit'> {
  readonly maxTimeMS?: number | undefined;
}

/**
 * Returns one page of ids. Contacts with a valid value in the sorted field come first. The contacts without one follow,
 * by id.
 */
export async function selectIds(
  contacts: Collection<ContactDocument>,
  condition: Condition,
  sorting: Sorting,
  { after, limit, maxTimeMS }: IdQuery,
): Promise<IdPage> {
  const { key, direction } = sorting;
  const ids: string[] = [];
  let last: Position | undefined;
  const add = async (
    within: Condition,
    order: Record<string, 1 | -1>,
    positionOf: (document: Readonly<Record<string, unknown>>, id: string) => Position,
  ): Promise<void> => {
    const documents = contacts
      .find({ $and: [condition, within] }, maxTimeMS === undefined ? {} : { maxTimeMS })
      .sort(order)
      .project({ _id: 1, ...(key === undefined ? {} : { [key.path]: 1 }) })
      // One contact more than the page has shows whether another page follows.
      .limit(limit + 1 - ids.length)
      .batchSize(documentsPerReply);
    for await (const document of documents) {
      const id = String(document['_id']);
      if (ids.length < limit) last = positionOf(document, id);
      ids.push(id);
    }
  };
  const start = after === undefined ? undefined : decodePosition(after, sorting);
  if (start?.pass !== 'rest') {
    await add(sortedAfter(sorting, start), orderOf(sorting), (document, id) => ({
      pass: 'sorted',
      value: sortValueOf(document, sorting),
      id,
    }));
  }
  const rest = unsortedAfter(sorting, start?.pass === 'rest' ? start.id : undefined);
  if (ids.length <= limit && rest !== undefined) {
    await add(rest, orderOf({ field: '_id', direction }), (_, id) => ({ pass: 'rest', id }));
  }
  if (ids.length <= limit || last === undefined) return { ids };
  return { ids: ids.slice(0, limit), next: encodePosition(last, sorting) };
}

/** Returns the value that a document is sorted by, at a path of at most two steps. */
function sortValueOf(
  document: Readonly<Record<string, unknown>>,
  { field, key }: Sorting,
): SortValue | undefined {
  if (key === undefined) return undefined;
  const [first = '', second] = key.path.split('.');
  const outer = document[first];
  const value: unknown =
    second !== undefined && typeof outer === 'object' && outer !== null ? Reflect.get(outer, second) : outer;
  if (!isSortValue(value, key.kind)) throw new Error(`${field} has a value that cannot be sorted`);
  return value;
}
