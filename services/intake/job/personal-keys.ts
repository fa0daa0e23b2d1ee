import { createDataKey, type DataKey, type KeyEncryption } from '@waybill/crypto';
import type { ErasureScope } from '@waybill/erasure';
import { stored, unlessTaken } from '@waybill/mongo';
import type { Collection, Db } from 'mongodb';
import type { Owner } from '../request/fingerprint.ts';

/** A person's key, wrapped. Destroying the document makes what was sealed with it unreadable. */
interface PersonalKeyDocument {
  /** Company and user; ids hold no blanks. */
  readonly _id: string;
  /** The key-encryption key that wraps it. */
  readonly key_id: string;
  readonly wrapped_key: Buffer;
  readonly created_at: number;
}

export interface PersonalKeys {
  /** The person's key, made when it is asked for the first time. */
  keyOf(owner: Owner, now: number): Promise<DataKey>;
  /** Keys whose documents were removed are out of use here at once. */
  forget(scope: ErasureScope): void;
}

/** Keys kept in the clear; a person who exports again within a minute costs no query. */
const capacity = 1_000;
/** A key that was destroyed elsewhere is out of use after so long. */
const keptMs = 60_000;

/** The collection `personal_keys`: one key a person. */
export function createPersonalKeys(db: Db, keyEncryption: KeyEncryption): PersonalKeys {
  const collection = db.collection<PersonalKeyDocument>('personal_keys');
  const kept = new Map<string, { readonly key: DataKey; readonly until: number }>();

  /** One write, whether the person has a key or gets one: of two requests at once, one makes it for both. */
  async function load(id: string, now: number): Promise<DataKey> {
    const fresh = await createDataKey(keyEncryption);
    const given = { key_id: fresh.keyId, wrapped_key: fresh.wrappedKey, created_at: now };
    const options = { upsert: true, returnDocument: 'after' } as const;
    let found: PersonalKeyDocument | null = null;
    const upsert = async (): Promise<void> => {
      found = await collection.findOneAndUpdate({ _id: id }, { $setOnInsert: given }, options);
    };
    // MongoDB may refuse an upsert that meets another of the same id: the key is there then.
    if (!(await unlessTaken(upsert()))) found = await stored(collection.findOne({ _id: id }));
    return found === null ? load(id, now) : open(collection, keyEncryption, found);
  }

  return {
    async keyOf({ companyId, userId }, now) {
      const id = `${companyId} ${userId}`;
      const known = kept.get(id);
      if (known !== undefined && known.until > now) return known.key;
      const key = await load(id, now);
      kept.delete(id);
      kept.set(id, { key, until: now + keptMs });
      const [oldest] = kept.keys();
      if (kept.size > capacity && oldest !== undefined) kept.delete(oldest);
      return key;
    },
    forget({ companyId, userId }) {
      for (const id of [...kept.keys()]) {
        const hit = userId === undefined ? id.startsWith(`${companyId} `) : id === `${companyId} ${userId}`;
        if (hit) kept.delete(id);
      }
    },
  };
}

/** The stored key in the clear. One that a retired key-encryption key wraps is wrapped anew by the current one. */
async function open(
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
