import { randomBytes } from 'node:crypto';
import { ExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import { LRUCache } from 'lru-cache';
import { decrypt, encrypt, keyBytes } from './cipher.ts';
import type { DataKey, KeyEncryption } from './types.ts';

/** Returns a new random data key, wrapped by the current key-encryption key. */
export async function createDataKey(keyEncryption: KeyEncryption): Promise<DataKey> {
  const key = randomBytes(keyBytes);
  return { key, ...(await keyEncryption.wrap(key)) };
}

/**
 * Encrypts under a data key. `aad` names the place of the data, and opening needs the same `aad`, so data that was
 * moved elsewhere does not open. One data key may be used for 2^32 calls (random nonces, NIST SP 800-38D §8.3).
 */
export function sealWith(dataKey: DataKey, plaintext: Uint8Array, aad: string): SealedData {
  const { nonce, ciphertext } = encrypt(dataKey.key, plaintext, aad);
  return { key_id: dataKey.keyId, wrapped_key: dataKey.wrappedKey, nonce, ciphertext };
}

/** Opens sealed data and caches the data keys that it used last. */
export interface Opener {
  /**
   * Returns the plaintext.
   * @throws ExportError SEALED_DATA_UNREADABLE if anything, the `aad` included, was changed.
   * @throws ExportError ENCRYPTION_KEY_UNKNOWN (retryable) if this process does not know the key-encryption key yet.
   */
  open(sealed: SealedData, aad: string): Promise<Buffer>;
}

/**
 * Returns whether an error of an opener says that this process cannot read the data: it was changed, or its key is not
 * known here. For views that show the rest.
 */
export function isUnreadable(error: unknown): boolean {
  if (!(error instanceof ExportError)) return false;
  return error.code === 'SEALED_DATA_UNREADABLE' || error.code === 'ENCRYPTION_KEY_UNKNOWN';
}

export interface OpenerOptions {
  /** Number of unwrapped data keys in the cache. A job has one, and one process works on fewer than 64 jobs. */
  readonly capacity?: number;
}

/** Returns an opener that unwraps data keys with `keyEncryption`. */
export function createOpener(
  keyEncryption: Pick<KeyEncryption, 'unwrap'>,
  { capacity = 64 }: OpenerOptions = {},
): Opener {
  const keys = new LRUCache<string, Buffer>({ max: capacity });

  async function dataKey(sealed: SealedData): Promise<Buffer> {
    const name = `${sealed.key_id}:${sealed.wrapped_key.toString('base64')}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = await keyEncryption.unwrap(sealed.key_id, sealed.wrapped_key);
    keys.set(name, key);
    return key;
  }

  return {
    async open(sealed, aad) {
      const key = await dataKey(sealed);
      try {
        return decrypt(key, sealed.nonce, sealed.ciphertext, aad);
      } catch (cause) {
        throw new ExportError('SEALED_DATA_UNREADABLE', {
          params: { key_id: sealed.key_id, reason: 'the data was changed or belongs elsewhere' },
          cause,
        });
      }
    },
  };
}
