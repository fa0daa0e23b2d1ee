import { ExportError } from '@waybill/errors';
import type { CompanyId } from '@waybill/domain';

/** What a company's files and running exports take, as it was known at an instant. */
interface Known {
  bytes: number;
  readonly at: number;
}

/** How long a sum far below the quota is good for. Between two sums the rate limit bounds what other instances add. */
const keptMs = 10_000;
/** A sum above this share of the quota is asked for anew each time. */
const nearShare = 0.5;
const capacity = 10_000;

export interface Quota {
  /**
   * Reserves bytes of the company's quota. The reservation itself is the job's `held_bytes`; this only checks.
   * @throws ExportError `EXPORT_STORAGE_QUOTA_EXCEEDED`
   */
  check(companyId: CompanyId, estimate: number, quotaBytes: number, now: number): Promise<void>;
}

/** @param heldBytes the sum over the company's jobs, which costs a query that grows with them. */
export function createQuota(heldBytes: (companyId: CompanyId, now: number) => Promise<number>): Quota {
  const sums = new Map<CompanyId, Known>();

  async function sumOf(
    companyId: CompanyId,
    quotaBytes: number,
    estimate: number,
    now: number,
  ): Promise<Known> {
    const known = sums.get(companyId);
    const far = known !== undefined && known.bytes + estimate < quotaBytes * nearShare;
    if (known !== undefined && far && now - known.at < keptMs) return known;
    const sum = { bytes: await heldBytes(companyId, now), at: now };
    sums.delete(companyId);
    sums.set(companyId, sum);
    const [oldest] = sums.keys();
    if (sums.size > capacity && oldest !== undefined) sums.delete(oldest);
    return sum;
  }

  return {
    async check(companyId, estimate, quotaBytes, now) {
      const sum = await sumOf(companyId, quotaBytes, estimate, now);
      if (sum.bytes + estimate > quotaBytes) {
        throw new ExportError('EXPORT_STORAGE_QUOTA_EXCEEDED', {
          params: { used_bytes: sum.bytes, quota_bytes: quotaBytes },
        });
      }
      sum.bytes += estimate;
    },
  };
}
