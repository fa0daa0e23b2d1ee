import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toEnvironment, type Addresses } from '@waybill/testbed';

/** The issuer of an installation's tokens. */
export interface IssuerSettings {
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
}

export interface InstallationSettings {
  readonly addresses: Addresses;
  readonly issuer: IssuerSettings;
  /** Prefix of every topic, group, database and bucket, so that installations can share servers. */
  readonly prefix: string;
  /** Key-encryption keys as `id:base64`, and the id of the current one. */
  readonly keys: { readonly all: string; readonly current: string };
  /** Address of history for browsers, used in links of emails. */
  readonly publicUrl: string;
  /** Settings that replace those of every service. */
  readonly overrides?: Readonly<Record<string, string>>;
}

/** Regions of the demo; each has a bucket of its own. */
export const regions = ['id', 'sg'] as const;
export const defaultRegion = 'id';

/** The id of an installation: part of the names of its buckets and of the keys of its files. */
export function installationOf(prefix: string): string {
  // S3 allows lower-case letters, digits and hyphens only.
  return `${prefix.toLowerCase().replace(/[^a-z0-9]+/g, '-')}waybill`;
}

export function bucketOf(region: string, prefix: string): string {
  return `${installationOf(prefix)}-${region}`;
}

export function crmDatabase(prefix: string): string {
  return `${prefix.replace(/[^A-Za-z0-9]+/g, '_')}crm`;
}

/** Returns a new key-encryption key. The data of the demo is removed with its servers, so the key is not stored. */
export function freshKeys(): InstallationSettings['keys'] {
  return { all: `demo-1:${randomBytes(32).toString('base64')}`, current: 'demo-1' };
}

/**
 * Limits V8's young generation. Its default depends on the machine. With 64 MiB, V8 marks the whole heap every second
 * because of the buffers of short-lived messages. Measured with intake at 200 requests/s (services/intake/README.md).
 */
const young = { NODE_OPTIONS: '--max-semi-space-size=8' };

/**
 * Limits the memory that Node uses before it collects garbage. The default depends on the machine, and services with rows
 * would use twice the memory that they need. Measured at 1,000,000 rows (docs/measurements/pipeline.md).
 */
const frugal = {
  NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=80',
  // glibc's arenas, one for each thread of zlib, keep freed memory. Fixed thresholds return large buffers at once.
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
const carriesRows = ['resolver', 'render'];

/** Returns the environment of a service. All services use the same servers, each with its own database. */
export function serviceEnvironment(service: string, settings: InstallationSettings): Record<string, string> {
  const { addresses, issuer, prefix, keys } = settings;
  return {
    ...toEnvironment(addresses),
    WAYBILL_MODE: 'development',
    TOPIC_PREFIX: prefix,
    MONGODB_DATABASE: `${prefix.replace(/[^A-Za-z0-9]+/g, '_')}waybill_${service}`,
    MONGODB_CRM_DATABASE: crmDatabase(prefix),
    INSTALLATION_ID: installationOf(prefix),
    REGION_BUCKETS: regions.map((region) => `${region}=${bucketOf(region, prefix)}`).join(','),
    DEFAULT_REGION: defaultRegion,
    AUTH_JWKS_URL: issuer.jwksUrl,
    AUTH_ISSUER: issuer.issuer,
    AUTH_AUDIENCE: issuer.audience,
    KEY_ENCRYPTION_KEYS: keys.all,
    KEY_ENCRYPTION_KEY_ID: keys.current,
    PUBLIC_URL: settings.publicUrl,
    FLAG_CONTACT_EXPORT: 'on',
    // A count of 100,000 contacts takes 2 to 3 s on the native stack's MongoDB, which has no index for it.
    COUNT_LIMIT_MS: '5000',
    SEARCH_LIMIT_MS: '10000',
    // With the cache, types are stripped once per version of a file, which also saves memory.
    NODE_COMPILE_CACHE: join(tmpdir(), 'waybill-compile-cache'),
    ...(carriesRows.includes(service) ? frugal : young),
    ...settings.overrides,
  };
}
