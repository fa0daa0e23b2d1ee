import { ExportError } from '@waybill/errors';
import type { CompanyId } from '@waybill/domain';
import { LRUCache } from 'lru-cache';

/** The bytes that a company's files and running exports take, as they were known at an instant. */
interface HeldBytes {
  bytes: number;
  readonly at: number;
}

/** How long a sum far below the quota is reused. Until then the rate limit bounds what other instances can add. */
const cacheTtlMs = 10_000;
/** Above this share of the quota the sum is queried each time. */
const maximumCachedShare = 0.5;
/** Most companies in the cache. */
const maximumCompanies = 10_000;

/** What one check compares. */
export interface QuotaContext {
  readonly estimatedBytes: number;
  readonly quotaBytes: number;
  readonly now: number;
}

export interface Quota {
  /**
   * Checks that an export fits into the company's quota. It reserves nothing: the reservation is the job's `held_bytes`.
   * @throws ExportError `EXPORT_STORAGE_QUOTA_EXCEEDED`
   */
  check(companyId: CompanyId, context: QuotaContext): Promise<void>;
}

/** @param heldBytes the sum over the company's jobs: a query whose cost grows with their number. */
export function createQuota(heldBytes: (companyId: CompanyId, now: number) => Promise<number>): Quota {
  const sums = new LRUCache<CompanyId, HeldBytes>({ max: maximumCompanies });

  async function sumOf(
    companyId: CompanyId,
    { estimatedBytes, quotaBytes, now }: QuotaContext,
  ): Promise<HeldBytes> {
    const cached = sums.get(companyId);
    if (cached !== undefined && now - cached.at < cacheTtlMs) {
      if (cached.bytes + estimatedBytes < quotaBytes * maximumCachedShare) return cached;
    }
    const sum = { bytes: await heldBytes(companyId, now), at: now };
    sums.set(companyId, sum);
    return sum;
  }

  return {
    async check(companyId, context) {
      const sum = await sumOf(companyId, context);
      const { estimatedBytes, quotaBytes } = context;
      if (sum.bytes + estimatedBytes > quotaBytes) {
        throw new ExportError('EXPORT_STORAGE_QUOTA_EXCEEDED', {
          params: { used_bytes: sum.bytes, quota_bytes: quotaBytes },
        });
      }
      sum.bytes += estimatedBytes;
    },
  };
}
