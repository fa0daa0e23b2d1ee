import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Sizes of AES-256-GCM as NIST SP 800-38D recommends them: 96-bit random nonce, full 128-bit tag. */
export const keyBytes = 32;
export const nonceBytes = 12;
export const tagBytes = 16;

export interface Encrypted {
  readonly nonce: Buffer;
  /** Ciphertext followed by the tag. */
  readonly ciphertext: Buffer;
}

/** Encrypts with AES-256-GCM under a new random nonce and authenticates `aad`. */
export function encrypt(key: Uint8Array, plaintext: Uint8Array, aad: string): Encrypted {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(aad, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { nonce, ciphertext };
}

/**
 * Returns the plaintext that `encrypt` was given.
 * @throws Error when the key, the nonce, the bytes or the additional data are not those of `encrypt`.
 */
export function decrypt(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, aad: string): Buffer {
  if (nonce.length !== nonceBytes || ciphertext.length < tagBytes) {
    throw new Error('nonce or tag is too short');
  }
  const end = ciphertext.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(aad, 'utf8'));
  decipher.setAuthTag(ciphertext.subarray(end));
  return Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]);
}
