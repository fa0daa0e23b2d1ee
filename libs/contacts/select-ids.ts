import type { Collection } from 'mongodb';
import type { Condition } from './filter.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';
import { isSortValue, orderOf, sortedAfter, unsortedAfter, type Sorting } from './sorting.ts';
import type { ContactDocument, IdPage, PageOptions } from './types.ts';

interface Found {
  readonly id: string;
  readonly position: Position;
}

/**
 * One page of ids by key. The contacts with a valid value in the sorted field come first; when they are used up, the
 * page is filled from those without, by id.
 */
export async function selectIds(
  contacts: Collection<ContactDocument>,
  condition: Condition,
  sorting: Sorting,
  page: PageOptions,
): Promise<IdPage> {
  // One more than asked for tells whether another page follows.
  const wanted = page.limit + 1;
  const start = page.after === undefined ? undefined : decodePosition(page.after, sorting);
  const found = start?.pass === 'rest' ? [] : await findSorted(contacts, condition, sorting, start, wanted);
  const rest = unsortedAfter(sorting, start?.pass === 'rest' ? start.id : undefined);
  if (found.length < wanted && rest !== undefined) {
    found.push(...(await findRest(contacts, condition, rest, sorting, wanted - found.length)));
  }
  const ids = found.slice(0, page.limit).map(({ id }) => id);
  const last = found[page.limit - 1];
  if (found.length <= page.limit || last === undefined) return { ids };
  return { ids, next: encodePosition(last.position, sorting) };
}

async function findSorted(
  contacts: Collection<ContactDocument>,
  condition: Condition,
  sorting: Sorting,
  after: Extract<Position, { pass: 'sorted' }> | undefined,
  limit: number,
): Promise<Found[]> {
  const { key } = sorting;
  const documents = await contacts
    .find({ $and: [condition, sortedAfter(sorting, after)] })
    .sort(orderOf(sorting))
    .project({ _id: 1, ...(key === undefined ? {} : { [key.path]: 1 }) })
    .limit(limit)
    .batchSize(limit)
    .toArray();
  return documents.map((document) => {
    const id = String(document['_id']);
    if (key === undefined) return { id, position: { pass: 'sorted', value: undefined, id } };
    const value = valueAt(document, key.path);
    if (!isSortValue(value, key.kind)) {
      throw new Error(`${sorting.field} is sorted by a value that has no place`);
    }
    return { id, position: { pass: 'sorted', value, id } };
  });
}

async function findRest(
  contacts: Collection<ContactDocument>,
  condition: Condition,
  rest: Condition,
  sorting: Sorting,
  limit: number,
): Promise<Found[]> {
  const documents = await contacts
    .find({ $and: [condition, rest] })
    .sort({ _id: sorting.direction === 'asc' ? 1 : -1 })
    .project({ _id: 1 })
    .limit(limit)
    .batchSize(limit)
    .toArray();
  return documents.map((document) => {
    const id = String(document['_id']);
    return { id, position: { pass: 'rest', id } };
  });
}

/** The value at a path of at most two steps. */
function valueAt(document: Readonly<Record<string, unknown>>, path: string): unknown {
  const [first = '', second] = path.split('.');
  const value = document[first];
  if (second === undefined) return value;
  return typeof value === 'object' && value !== null ? Reflect.get(value, second) : undefined;
}
