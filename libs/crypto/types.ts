/** A data key that has just been wrapped. */
export interface WrappedKey {
  /** Id of the key-encryption key that wraps it. */
  readonly keyId: string;
  /** 12 bytes nonce, ciphertext, 16 bytes tag. */
  readonly wrappedKey: Buffer;
}

/** Port to whatever holds the key-encryption keys: the environment by default, a key service where there is one. */
export interface KeyEncryption {
  /** The key that new data keys are wrapped with. */
  readonly currentKeyId: string;
  wrap(key: Uint8Array): Promise<WrappedKey>;
  /** @throws ExportError `SEALED_DATA_UNREADABLE` when the key id is unknown or the bytes are not what was wrapped. */
  unwrap(keyId: string, wrappedKey: Uint8Array): Promise<Buffer>;
}

/** A data key in the clear together with its wrapped form. Never stored, logged or sent. */
export interface DataKey extends WrappedKey {
  /** 32 bytes. */
  readonly key: Buffer;
}
