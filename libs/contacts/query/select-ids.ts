import type { Collection } from 'mongodb';
import type { Condition } from './filter.ts';
import { decodePosition, encodePosition, type Position } from './position.ts';
import { isSortValue, orderOf, sortedAfter, unsortedAfter, type Sorting } from './sorting.ts';
import type { ContactDocument, IdPage, PageOptions } from '../types.ts';

/** Documents of one reply. A page may be a hundred thousand ids: only those are kept, never all its documents. */
const documentsPerReply = 5_000;

/** A page that fills: the ids, where the last of them stands, and whether anything came after it. */
class PageInProgress {
  readonly ids: string[] = [];
  readonly #limit: number;
  #last: Position | undefined;
  #isFollowed = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of documents still needed. One more than the page takes shows whether another page follows. */
  get wanted(): number {
    return this.#isFollowed ? 0 : this.#limit + 1 - this.ids.length;
  }

  add(id: string, position: Position): void {
    if (this.ids.length === this.#limit) {
      this.#isFollowed = true;
      return;
    }
    this.ids.push(id);
    this.#last = position;
  }

  finish(sorting: Sorting): IdPage {
    if (!this.#isFollowed || this.#last === undefined) return { ids: this.ids };
    return { ids: this.ids, next: encodePosition(this.#last, sorting) };
  }
}

/**
 * One page of ids by key. The contacts with a valid value in the sorted field come first; when they are used up, the
 * page is filled from those without, by id.
 */
export async function selectIds(
  contacts: Collection<ContactDocument>,
  condition: Condition,
  sorting: Sorting,
  { after, limit }: PageOptions,
): Promise<IdPage> {
  const page = new PageInProgress(limit);
  const start = after === undefined ? undefined : decodePosition(after, sorting);
  if (start?.pass !== 'rest') await addSorted(page, contacts, condition, sorting, start);
  const rest = unsortedAfter(sorting, start?.pass === 'rest' ? start.id : undefined);
  if (page.wanted > 0 && rest !== undefined) await addRest(page, contacts, condition, rest, sorting);
  return page.finish(sorting);
}

async function addSorted(
  page: PageInProgress,
  contacts: Collection<ContactDocument>,
  condition: Condition,
  sorting: Sorting,
  after: Extract<Position, { pass: 'sorted' }> | undefined,
): Promise<void> {
  const { key } = sorting;
  const documents = contacts
    .find({ $and: [condition, sortedAfter(sorting, after)] })
    .sort(orderOf(sorting))
    .project({ _id: 1, ...(key === undefined ? {} : { [key.path]: 1 }) })
    .limit(page.wanted)
    .batchSize(documentsPerReply);
  for await (const document of documents) {
    const id = String(document['_id']);
    if (key === undefined) {
      page.add(id, { pass: 'sorted', value: undefined, id });
      continue;
    }
    const value = valueAt(document, key.path);
    if (!isSortValue(value, key.kind)) {
      throw new Error(`${sorting.field} is sorted by a value that has no place`);
    }
    page.add(id, { pass: 'sorted', value, id });
  }
}

async function addRest(
  page: PageInProgress,
  contacts: Collection<ContactDocument>,
  condition: Condition,
  rest: Condition,
  sorting: Sorting,
): Promise<void> {
  const documents = contacts
    .find({ $and: [condition, rest] })
    .sort({ _id: sorting.direction === 'asc' ? 1 : -1 })
    .project({ _id: 1 })
    .limit(page.wanted)
    .batchSize(documentsPerReply);
  for await (const document of documents) {
    const id = String(document['_id']);
    page.add(id, { pass: 'rest', id });
  }
}

/** The value at a path of at most two steps. */
function valueAt(document: Readonly<Record<string, unknown>>, path: string): unknown {
  const [first = '', second] = path.split('.');
  const value = document[first];
  if (second === undefined) return value;
  return typeof value === 'object' && value !== null ? Reflect.get(value, second) : undefined;
}
