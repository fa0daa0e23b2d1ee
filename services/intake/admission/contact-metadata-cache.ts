import type { ContactSource } from '@waybill/contacts';
import type { CompanyId } from '@waybill/domain';
import { LRUCache } from 'lru-cache';

/** Most companies in the cache; the least recently used one is removed first. */
const maximumCompanies = 1_000;

/**
 * Caches fields, layouts and tenant of a company for `ttlMs`, so that concurrent requests of a company query the CRM
 * once. A change in the CRM applies after that time at the latest. Failures are not cached.
 */
export function cacheContactMetadata(source: ContactSource, ttlMs: number, now: () => Date): ContactSource {
  if (ttlMs === 0) return source;
  const cached = <Value>(load: (companyId: CompanyId) => Promise<Value>) => cacheByCompany(load, ttlMs, now);
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

function cacheByCompany<Value>(
  load: (companyId: CompanyId) => Promise<Value>,
  ttlMs: number,
  now: () => Date,
): (companyId: CompanyId) => Promise<Value> {
  // ttlResolution 0: the cache reads the clock at every call, as the tests need it.
  const perf = { now: () => now().getTime() };
  const cache = new LRUCache<CompanyId, Promise<Value>>({
    max: maximumCompanies,
    ttl: ttlMs,
    ttlResolution: 0,
    perf,
  });
  return (companyId) => {
    const cached = cache.get(companyId);
    if (cached !== undefined) return cached;
    const loading = load(companyId);
    cache.set(companyId, loading);
    loading.catch(() => {
      if (cache.peek(companyId) === loading) cache.delete(companyId);
    });
    return loading;
  };
}
