/** Data key in its wrapped form. */
export interface WrappedKey {
  /** Id of the key-encryption key that wraps it. */
  readonly keyId: string;
  /** 12 bytes nonce, ciphertext, 16 bytes tag. */
  readonly wrappedKey: Buffer;
}

/** Port to the holder of the key-encryption keys: the environment by default, or a key service. */
export interface KeyEncryption {
  /** Id of the key that wraps new data keys. */
  readonly currentKeyId: string;
  /** Ids of all keys that this process can unwrap with. */
  readonly keyIds: readonly string[];
  /** Wraps a data key with the current key. */
  wrap(key: Uint8Array): Promise<WrappedKey>;
  /**
   * Returns the data key in the clear.
   * @throws ExportError ENCRYPTION_KEY_UNKNOWN (retryable) if this process does not know the key yet.
   * @throws ExportError SEALED_DATA_UNREADABLE if the bytes are not those that were wrapped.
   */
  unwrap(keyId: string, wrappedKey: Uint8Array): Promise<Buffer>;
}

/** Data key in the clear with its wrapped form. Never stored, logged or sent. */
export interface DataKey extends WrappedKey {
  /** Data key of 32 bytes. */
  readonly key: Buffer;
}
