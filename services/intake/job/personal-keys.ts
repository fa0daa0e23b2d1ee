import { createDataKey, type DataKey, type KeyEncryption } from '@waybill/crypto';
import type { ErasureScope } from '@waybill/erasure';
import { stored, unlessTaken } from '@waybill/mongo';
import { LRUCache } from 'lru-cache';
import type { Collection, Db } from 'mongodb';
import type { Owner } from '../request/fingerprint.ts';

/** A person's wrapped key. Everything sealed with it becomes unreadable when this document is deleted. */
interface PersonalKeyDocument {
  /** Company id and user id with a space between; the ids contain no spaces. */
  readonly _id: string;
  /** Id of the key-encryption key that wraps it. */
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly created_at: number;
}

export interface PersonalKeys {
  /** Returns the person's key, and creates it at the first call. */
  keyOf(owner: Owner, now: number): Promise<DataKey>;
  /** Removes the keys of erased people from the cache of this process. */
  removeCached(scope: ErasureScope): void;
}

/** Most unwrapped keys in the cache. A person who exports again within a minute costs no query. */
const maximumKeys = 1_000;
/** A key that another process deleted is used for at most this long. */
const cacheTtlMs = 60_000;

/** Stores keys in the collection `personal_keys`: one key per person. */
export function createPersonalKeys(db: Db, keyEncryption: KeyEncryption): PersonalKeys {
  const collection = db.collection<PersonalKeyDocument>('personal_keys');
  const cache = new LRUCache<string, { readonly key: DataKey; readonly until: number }>({ max: maximumKeys });

  /** Reads or creates the key in one write, so that two concurrent requests use the same key. */
  async function load(id: string, now: number): Promise<DataKey> {
    const fresh = await createDataKey(keyEncryption);
    const given = { key_id: fresh.keyId, wrapped_key: fresh.wrappedKey, created_at: now };
    const options = { upsert: true, returnDocument: 'after' } as const;
    let found: PersonalKeyDocument | null = null;
    const upsert = async (): Promise<void> => {
      found = await collection.findOneAndUpdate({ _id: id }, { $setOnInsert: given }, options);
    };
    // MongoDB may reject an upsert at the same time as another one of the same id: the key exists then.
    if (!(await unlessTaken(upsert()))) found = await stored(collection.findOne({ _id: id }));
    return found === null ? load(id, now) : unwrap(collection, keyEncryption, found);
  }

  return {
    async keyOf({ companyId, userId }, now) {
      const id = `${companyId} ${userId}`;
      const cached = cache.get(id);
      if (cached !== undefined && cached.until > now) return cached.key;
      const key = await load(id, now);
      cache.set(id, { key, until: now + cacheTtlMs });
      return key;
    },
    removeCached({ companyId, userId }) {
      for (const id of [...cache.keys()]) {
        const erased =
          userId === undefined ? id.startsWith(`${companyId} `) : id === `${companyId} ${userId}`;
        if (erased) cache.delete(id);
      }
    },
  };
}

/** Unwraps a stored key. A key that a retired key-encryption key wraps is wrapped again by the current one. */
async function unwrap(
  collection: Collection<PersonalKeyDocument>,
  keyEncryption: KeyEncryption,
  found: PersonalKeyDocument,
): Promise<DataKey> {
  const key = await keyEncryption.unwrap(found.key_id, found.wrapped_key);
  if (found.key_id === keyEncryption.currentKeyId) {
    return { key, keyId: found.key_id, wrappedKey: found.wrapped_key };
  }
  const renewed = await keyEncryption.wrap(key);
  const update = { $set: { key_id: renewed.keyId, wrapped_key: renewed.wrappedKey } };
  await stored(collection.updateOne({ _id: found._id, key_id: found.key_id }, update));
  return { key, ...renewed };
}
