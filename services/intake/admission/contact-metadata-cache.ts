import type { ContactSource, Permissions } from '@waybill/contacts';
import type { CompanyId, Permission } from '@waybill/domain';
import { LRUCache } from 'lru-cache';

/** Most companies in the cache; the least recently used one is removed first. */
const maximumCompanies = 1_000;
/** Most people in the cache. */
const maximumPeople = 10_000;

/**
 * Caches fields, layouts and tenant of a company for `ttlMs`, so that concurrent requests of a company query the CRM
 * once. A change in the CRM applies after that time at the latest. Failures are not cached.
 */
export function cacheContactMetadata(source: ContactSource, ttlMs: number, now: () => Date): ContactSource {
  if (ttlMs === 0) return source;
  const cached = <Value>(load: (companyId: CompanyId) => Promise<Value>) => {
    const get = createCache<Value>({ ttlMs, max: maximumCompanies, now });
    return (companyId: CompanyId) => get(companyId, () => load(companyId));
  };
  const layouts = cached((companyId) => source.layouts(companyId));
  return {
    ...source,
    fieldProperties: cached((companyId) => source.fieldProperties(companyId)),
    layouts,
    tenant: cached((companyId) => source.tenant(companyId)),
    layout: async (companyId, layoutId) =>
      (await layouts(companyId)).find((layout) => layout.id === layoutId),
    defaultLayout: async (companyId) => (await layouts(companyId)).find((layout) => layout.is_default),
  };
}

/** Caches the permissions of a person in a company for `ttlMs`: one that is taken away in the CRM ends after that time. */
export function cachePermissions(source: Permissions, ttlMs: number, now: () => Date): Permissions {
  if (ttlMs === 0) return source;
  const get = createCache<readonly Permission[]>({ ttlMs, max: maximumPeople, now });
  return {
    // The ids contain no spaces.
    of: (userId, companyId) => get(`${companyId} ${userId}`, () => source.of(userId, companyId)),
  };
}

interface CacheOptions {
  readonly ttlMs: number;
  readonly max: number;
  readonly now: () => Date;
}

/** Returns a function that loads a value by its key, or returns the cached one. */
function createCache<Value>({ ttlMs, max, now }: CacheOptions) {
  // ttlResolution 0: the cache reads the clock at every call, as the tests need it.
  const perf = { now: () => now().getTime() };
  const cache = new LRUCache<string, Promise<Value>>({ max, ttl: ttlMs, ttlResolution: 0, perf });
  return (key: string, load: () => Promise<Value>): Promise<Value> => {
    const cached = cache.get(key);
    if (cached !== undefined) return cached;
    const loading = load();
    cache.set(key, loading);
    loading.catch(() => {
      if (cache.peek(key) === loading) cache.delete(key);
    });
    return loading;
  };
}
