export { createStorage, storageFromSettings } from './create-storage.ts';
export { installationPrefix, regionBuckets, skippedListKey, type RegionBuckets } from './region-buckets.ts';
export type { Storage, StoredObject, UnfinishedUpload, Upload, UploadOptions } from './types.ts';
