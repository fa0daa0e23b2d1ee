import { ExportError } from '@waybill/errors';
import type { Metrics } from '@waybill/observability';
import { decrypt, encrypt, keyBytes, nonceBytes } from './cipher.ts';
import type { KeyEncryption, WrappedKey } from './types.ts';

export interface LocalKeys {
  /** Key id to 32 bytes in base64. A retired key stays here while data that it wraps may be read. */
  readonly keys: Readonly<Record<string, string>>;
  readonly currentKeyId: string;
}

/** Returns additional data with the key id, so that a wrapped key opens under its own id only. */
function wrapAad(keyId: string): string {
  return `waybill:data-key:${keyId}`;
}

function invalid(reason: string): ExportError {
  return new ExportError('CONFIGURATION_INVALID', { params: { reason } });
}

function decodeKey(keyId: string, text: string): Buffer {
  const key = Buffer.from(text, 'base64');
  // Buffer.from skips characters that are not base64, so the decoded key is compared with the text.
  if (key.length !== keyBytes || key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw invalid(
      `KEY_ENCRYPTION_KEYS: the key ${keyId} is not ${keyBytes} bytes in base64; make one with openssl rand -base64 32`,
    );
  }
  return key;
}

/**
 * Returns key encryption with keys that this process holds.
 * @throws ExportError `CONFIGURATION_INVALID` when a key is not 32 bytes of base64 or the current one is not among them.
 */
export function localKeyEncryption({ keys, currentKeyId }: LocalKeys): KeyEncryption {
  const known = new Map(Object.entries(keys).map(([keyId, text]) => [keyId, decodeKey(keyId, text)]));
  const current = known.get(currentKeyId);
  if (current === undefined) {
    throw invalid(`KEY_ENCRYPTION_KEY_ID is ${currentKeyId}, which is not in KEY_ENCRYPTION_KEYS`);
  }
  return {
    currentKeyId,
    keyIds: [...known.keys()],
    wrap(key) {
      const { nonce, ciphertext } = encrypt(current, key, wrapAad(currentKeyId));
      return Promise.resolve({ keyId: currentKeyId, wrappedKey: Buffer.concat([nonce, ciphertext]) });
    },
    unwrap(keyId, wrappedKey) {
      return Promise.resolve().then(() => unwrapWith(known.get(keyId), keyId, wrappedKey));
    },
  };
}

function unwrapWith(key: Buffer | undefined, keyId: string, wrappedKey: Uint8Array): Buffer {
  if (key === undefined) {
    throw new ExportError('ENCRYPTION_KEY_UNKNOWN', { params: { key_id: keyId } });
  }
  try {
    const nonce = wrappedKey.subarray(0, nonceBytes);
    return decrypt(key, nonce, wrappedKey.subarray(nonceBytes), wrapAad(keyId));
  } catch (cause) {
    throw new ExportError('SEALED_DATA_UNREADABLE', {
      params: { key_id: keyId, reason: 'the wrapped data key does not open' },
      cause,
    });
  }
}

/** The two settings of the keys, as `keySettings` of @waybill/config reads them. */
export interface KeySettings {
  /** `id:base64,id:base64` */
  readonly KEY_ENCRYPTION_KEYS: string;
  /** The id of the key that new data keys are wrapped with. */
  readonly KEY_ENCRYPTION_KEY_ID: string;
}

/**
 * Returns the keys of `KEY_ENCRYPTION_KEYS` in their order, in base64 by id.
 * @throws ExportError CONFIGURATION_INVALID; its text names the key id, never a key.
 */
export function parseKeys(setting: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [index, entry] of setting.split(',').entries()) {
    const [keyId, text, ...rest] = entry.trim().split(':');
    if (keyId === undefined || keyId === '' || text === undefined || rest.length > 0) {
      throw invalid(`KEY_ENCRYPTION_KEYS: entry ${index + 1} is not of the form id:base64`);
    }
    if (keys.has(keyId)) throw invalid(`KEY_ENCRYPTION_KEYS: the id ${keyId} occurs twice`);
    keys.set(keyId, text);
  }
  return keys;
}

/**
 * Returns the keys of the settings. With `metrics` it publishes which keys this process knows, so that an operator sees
 * when every process can read a new key (`npm run keys -- rotate`).
 * @throws ExportError CONFIGURATION_INVALID; its text names the key id, never a key.
 */
export function keyEncryptionFromSettings(settings: KeySettings, metrics?: Metrics): KeyEncryption {
  const keys = localKeyEncryption({
    keys: Object.fromEntries(parseKeys(settings.KEY_ENCRYPTION_KEYS)),
    currentKeyId: settings.KEY_ENCRYPTION_KEY_ID,
  });
  const known = metrics?.gauge(
    'waybill_encryption_key_info',
    'Key-encryption keys that this process knows; current is the one that it uses',
    ['key_id', 'use'],
  );
  for (const keyId of keys.keyIds) {
    known?.set({ key_id: keyId, use: keyId === keys.currentKeyId ? 'current' : 'read' }, 1);
  }
  return keys;
}

/**
 * Wraps a data key again, by the current key-encryption key. The data that it encrypts stays as it is.
 * @throws ExportError as `unwrap` does.
 */
export async function rewrap(keys: KeyEncryption, { keyId, wrappedKey }: WrappedKey): Promise<WrappedKey> {
  return keys.wrap(await keys.unwrap(keyId, wrappedKey));
}
