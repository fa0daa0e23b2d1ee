import { isUnreadable, rewrap, type KeyEncryption } from '@waybill/crypto';
import { stored } from '@waybill/mongo';
import type { Db, Document, Filter } from 'mongodb';
import { z } from 'zod';

/** Where a service stores data keys that a key-encryption key wraps. */
export interface Place {
  readonly service: 'intake' | 'render' | 'history' | 'notify';
  readonly collection: string;
  /** The path of the object with `key_id` and `wrapped_key`; empty for the document itself. */
  readonly path: string;
}

/** Every place. Resolver stores none. Outboxes are left out: their events are published within seconds. */
export const places: readonly Place[] = [
  { service: 'intake', collection: 'personal_keys', path: '' },
  { service: 'intake', collection: 'jobs', path: 'request.spec.personal' },
  { service: 'render', collection: 'jobs', path: 'spec.personal' },
  { service: 'history', collection: 'entries', path: 'personal' },
  { service: 'history', collection: 'downloads', path: 'personal' },
  { service: 'notify', collection: 'deliveries', path: 'event.spec.personal' },
];

export function nameOf({ service, collection, path }: Place): string {
  return [service, collection, ...(path === '' ? [] : [path])].join('.');
}

/** Returns the database of a service. */
export type DatabaseOf = (service: Place['service']) => Db;

const fieldOf = ({ path }: Place, name: string): string => (path === '' ? name : `${path}.${name}`);

/** Returns how many documents of a place need each key. */
export async function countByKey(databaseOf: DatabaseOf, place: Place): Promise<ReadonlyMap<string, number>> {
  const collection = databaseOf(place.service).collection(place.collection);
  const field = fieldOf(place, 'key_id');
  const ids = z.array(z.string()).parse(await stored(collection.distinct(field)));
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, await stored(collection.countDocuments({ [field]: id })));
  return counts;
}

export interface Rewrapped {
  readonly rewrapped: number;
  /** Documents whose key is not in the settings, or whose wrapped key is damaged. */
  readonly unreadable: number;
}

const wrapped = z.object({ key_id: z.string(), wrapped_key: z.instanceof(Buffer) });

/**
 * Wraps the data keys of a place again by the current key. A document that a service changes meanwhile is left to the next
 * run. Safe to repeat, and while the services run.
 */
export async function rewrapPlace(
  databaseOf: DatabaseOf,
  place: Place,
  keys: KeyEncryption,
): Promise<Rewrapped> {
  const collection = databaseOf(place.service).collection(place.collection);
  const [keyField, wrappedField] = [fieldOf(place, 'key_id'), fieldOf(place, 'wrapped_key')];
  const stale = [...(await countByKey(databaseOf, place)).keys()].filter((id) => id !== keys.currentKeyId);
  let [rewrapped, unreadable] = [0, 0];
  const found = collection.find(
    { [keyField]: { $in: stale } },
    { projection: { [keyField]: 1, [wrappedField]: 1 } },
  );
  for await (const document of found) {
    const old = wrapped.parse(at(document, place.path));
    try {
      const fresh = await rewrap(keys, { keyId: old.key_id, wrappedKey: old.wrapped_key });
      const same: Filter<Document> = { _id: document._id, [wrappedField]: old.wrapped_key };
      const change = { $set: { [keyField]: fresh.keyId, [wrappedField]: fresh.wrappedKey } };
      rewrapped += (await stored(collection.updateOne(same, change))).modifiedCount;
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      unreadable += 1;
    }
  }
  return { rewrapped, unreadable };
}

function at(document: Document, path: string): unknown {
  if (path === '') return document;
  return path
    .split('.')
    .reduce<unknown>((value, name) => z.record(z.string(), z.unknown()).parse(value)[name], document);
}
