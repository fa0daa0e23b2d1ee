import type { ContactSource } from '@waybill/contacts';
import { companyId } from '@waybill/domain';
import type { EntryDocument } from './entries/entry.ts';

/**
 * Rows above which the company asks to be told, where the entry's file is above; else null. It is what the CRM says on
 * the day, so it is kept with the registration and not with the entry, which a rebuild makes anew.
 */
export async function thresholdOf(
  contacts: Pick<ContactSource, 'tenant'>,
  entry: EntryDocument,
): Promise<number | null> {
  const rows = entry.receipt?.written ?? 0;
  if (rows === 0) return null;
  const threshold = (await contacts.tenant(companyId(entry.company_id)))?.alertThreshold;
  return threshold !== undefined && rows > threshold ? threshold : null;
}
