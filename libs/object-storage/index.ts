export {
  createStorage,
  storageFromSettings,
  type StorageOptions,
  type StorageSettings,
} from './create-storage.ts';
export { regionBuckets, type RegionBuckets } from './region-buckets.ts';
export type {
  DownloadOptions,
  ObjectAddress,
  ObjectHead,
  Storage,
  StoredObject,
  UnfinishedUpload,
  Upload,
  Uploaded,
  UploadOptions,
} from './types.ts';
