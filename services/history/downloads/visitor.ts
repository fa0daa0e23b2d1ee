import { createDataKey, sealWith, type KeyEncryption, type Opener } from '@waybill/crypto';
import { asExportError, type ErrorCode } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import { z } from 'zod';

/** Who clicked, as the audit keeps it: sealed, in the store as well as in the event. */
export interface Visitor {
  readonly email: string;
  /** The network address that the request came from. */
  readonly address: string;
  /** The browser's own description, cut at 512 characters. */
  readonly agent: string;
}

/** Whose clicks they are; part of what is authenticated. */
interface VisitorScope {
  readonly companyId: string;
  readonly userId: string;
}

const shape = z.object({ email: z.string(), address: z.string(), agent: z.string() });

/** JSON keeps the parts apart whatever the ids contain. */
function aadOf({ companyId, userId }: VisitorScope): string {
  return JSON.stringify(['waybill:download', companyId, userId]);
}

export async function sealVisitor(
  keys: KeyEncryption,
  visitor: Visitor,
  scope: VisitorScope,
): Promise<SealedData> {
  const dataKey = await createDataKey(keys);
  return sealWith(dataKey, Buffer.from(JSON.stringify(visitor), 'utf8'), aadOf(scope));
}

/** Undefined where the key is gone: what was erased stays so, and the rest of the audit is still readable. */
export async function openVisitor(
  opener: Opener,
  sealed: SealedData,
  scope: VisitorScope,
): Promise<Visitor | undefined> {
  try {
    const bytes = await opener.open(sealed, aadOf(scope));
    return shape.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    const unreadable: ErrorCode = 'SEALED_DATA_UNREADABLE';
    if (asExportError(error, unreadable).code === unreadable) return undefined;
    throw error;
  }
}
