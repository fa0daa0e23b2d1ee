import { createDataKey, isUnreadable, sealWith, type KeyEncryption, type Opener } from '@waybill/crypto';
import { asExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import { z } from 'zod';

/** The person who clicked. The audit and the product event contain it sealed. */
export interface Visitor {
  /** Null if the session's token contains none. */
  readonly email: string | null;
  /** The network address of the request. */
  readonly address: string;
  /** The User-Agent header, truncated to 512 characters. */
  readonly agent: string;
}

/** Additional authenticated data: a sealed visitor opens only for its company and user. */
interface VisitorScope {
  readonly companyId: string;
  readonly userId: string;
}

const shape = z.object({ email: z.string().nullable(), address: z.string(), agent: z.string() });

/** JSON keeps company and user apart, whatever characters the ids contain. */
function aadOf({ companyId, userId }: VisitorScope): string {
  return JSON.stringify(['waybill:download', companyId, userId]);
}

/** Seals a visitor under a new data key. */
export async function sealVisitor(
  keys: KeyEncryption,
  visitor: Visitor,
  scope: VisitorScope,
): Promise<SealedData> {
  const dataKey = await createDataKey(keys);
  return sealWith(dataKey, Buffer.from(JSON.stringify(visitor), 'utf8'), aadOf(scope));
}

/** Opens a sealed visitor. Returns undefined if it cannot be read, so that the rest of the audit stays readable. */
export async function openVisitor(
  opener: Opener,
  sealed: SealedData,
  scope: VisitorScope,
): Promise<Visitor | undefined> {
  try {
    const bytes = await opener.open(sealed, aadOf(scope));
    return shape.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (isUnreadable(asExportError(error, 'SEALED_DATA_UNREADABLE'))) return undefined;
    throw error;
  }
}
