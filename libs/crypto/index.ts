export {
  keyEncryptionFromSettings,
  localKeyEncryption,
  parseKeys,
  rewrap,
  type KeySettings,
  type LocalKeys,
} from './key-encryption.ts';
export { openPersonal, sealPersonal, type PersonalData, type PersonalScope } from './personal.ts';
export {
  createDataKey,
  createOpener,
  isUnreadable,
  sealWith,
  type Opener,
  type OpenerOptions,
} from './sealing.ts';
export type { DataKey, KeyEncryption, WrappedKey } from './types.ts';
