import type { CompanyId } from '@waybill/domain';
import type { ContactSource } from './types.ts';

/**
 * Returns the number of rows above which the company wants a governance alert, if an export of `rows` rows is above it.
 * Returns `undefined` if the export is smaller or the company sets no threshold. It reads the tenant at each call, so the
 * answer is that of today.
 * @throws ExportError `SERVICE_UNAVAILABLE` while MongoDB cannot be reached.
 */
export async function alertThreshold(
  contacts: Pick<ContactSource, 'tenant'>,
  companyId: CompanyId,
  rows: number,
): Promise<number | undefined> {
  if (rows === 0) return undefined;
  const threshold = (await contacts.tenant(companyId))?.alertThreshold;
  return threshold !== undefined && rows > threshold ? threshold : undefined;
}
