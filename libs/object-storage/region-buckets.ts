import { ExportError } from '@waybill/errors';

/** Bucket of each region. */
export interface RegionBuckets {
  /**
   * Returns the bucket of a region.
   * @throws ExportError REGION_UNAVAILABLE for an unknown region, because there is no default bucket.
   */
  bucketOf(region: string): string;
  readonly buckets: readonly string[];
}

/** Returns the prefix of the keys of every file of an installation, so that several can share a bucket. */
export function installationPrefix(installation: string): string {
  return `private/exports/${installation}/`;
}

/** Returns the key of the list of the contacts that a file leaves out. It is next to the file and lives as long. */
export function skippedListKey(fileKey: string): string {
  return `${fileKey}.skipped`;
}

const entry = /^([a-z0-9-]+)=([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/;

/**
 * Parses a setting such as `id=waybill-id,sg=waybill-sg`.
 * @throws ExportError CONFIGURATION_INVALID that names the faulty entry.
 */
export function regionBuckets(setting: string): RegionBuckets {
  const table = new Map<string, string>();
  for (const text of setting.split(',')) {
    const [, region, bucket] = entry.exec(text.trim()) ?? [];
    if (region === undefined || bucket === undefined) {
      throw new ExportError('CONFIGURATION_INVALID', {
        params: { reason: `REGION_BUCKETS: "${text.trim()}" is not of the form region=bucket` },
      });
    }
    table.set(region, bucket);
  }
  return {
    buckets: [...table.values()],
    bucketOf(region) {
      const bucket = table.get(region);
      if (bucket === undefined) throw new ExportError('REGION_UNAVAILABLE', { params: { region } });
      return bucket;
    },
  };
}
