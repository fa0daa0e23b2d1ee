import { ExportError } from '@waybill/errors';
import { decrypt, encrypt, keyBytes, nonceBytes } from './cipher.ts';
import type { KeyEncryption } from './types.ts';

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
    throw new ExportError('SEALED_DATA_UNREADABLE', {
      params: { key_id: keyId, reason: 'this key-encryption key is not known here' },
      // Processes learn a new key one after the other, so this one may know it later.
      retryable: true,
    });
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

/**
 * Reads the keys from the settings: `KEY_ENCRYPTION_KEYS` is `id:base64,id:base64`, `KEY_ENCRYPTION_KEY_ID` one id.
 * @throws ExportError `CONFIGURATION_INVALID`. Its text names the key id and never shows a key.
 */
export function keyEncryptionFromSettings(settings: {
  readonly KEY_ENCRYPTION_KEYS: string;
  readonly KEY_ENCRYPTION_KEY_ID: string;
}): KeyEncryption {
  const keys = new Map<string, string>();
  for (const [index, entry] of settings.KEY_ENCRYPTION_KEYS.split(',').entries()) {
    const [keyId, text, ...rest] = entry.trim().split(':');
    if (keyId === undefined || keyId === '' || text === undefined || rest.length > 0) {
      throw invalid(`KEY_ENCRYPTION_KEYS: entry ${index + 1} is not of the form id:base64`);
    }
    if (keys.has(keyId)) throw invalid(`KEY_ENCRYPTION_KEYS: the id ${keyId} occurs twice`);
    keys.set(keyId, text);
  }
  return localKeyEncryption({
    keys: Object.fromEntries(keys),
    currentKeyId: settings.KEY_ENCRYPTION_KEY_ID,
  });
}
