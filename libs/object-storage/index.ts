export { createStorage, storageFromSettings } from './create-storage.ts';
export { regionBuckets, type RegionBuckets } from './region-buckets.ts';
export type { Storage, StoredObject, Upload, UploadOptions } from './types.ts';
