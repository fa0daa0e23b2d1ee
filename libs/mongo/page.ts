import type { Collection, Filter, Sort, WithId } from 'mongodb';
import { stored } from './failure.ts';

/** Where a page ends: the instant by which the list is ordered, and the id of its last document. */
export interface PagePosition {
  readonly at: Date;
  readonly id: string;
}

export interface PageRequest {
  readonly limit: number;
  /** Where the page before ended. */
  readonly after?: PagePosition | undefined;
}

export interface PageOptions<D> extends PageRequest {
  /** The field with the instant; the list is newest first, and documents of one instant are in descending order of id. */
  readonly by: keyof D & string;
}

export interface Page<D> {
  readonly documents: readonly WithId<D>[];
  /** Where the next page starts; undefined on the last one. */
  readonly next: PagePosition | undefined;
}

/**
 * Returns a page of the documents that match a filter. Documents that are added meanwhile move no other from its page.
 * @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached.
 */
export async function newestPage<D extends { readonly _id: string }>(
  collection: Collection<D>,
  filter: Filter<D>,
  { by, limit, after }: PageOptions<D>,
): Promise<Page<D>> {
  // The driver cannot relate a computed key to the fields of the document.
  const older = (
    after === undefined
      ? {}
      : { $or: [{ [by]: { $lt: after.at } }, { [by]: after.at, _id: { $lt: after.id } }] }
  ) as Filter<D>;
  const order: Sort = { [by]: -1, _id: -1 };
  const found = await stored(
    collection
      .find({ $and: [filter, older] } as Filter<D>)
      .sort(order)
      .limit(limit + 1)
      .toArray(),
  );
  const documents = found.slice(0, limit);
  const last = documents.at(-1);
  // The driver's type of a found document hides the keys of D.
  const at: unknown = (last as D | undefined)?.[by];
  const more = found.length > limit && last !== undefined && at instanceof Date;
  return { documents, next: more ? { at, id: last._id } : undefined };
}
