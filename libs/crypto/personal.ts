import { ExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import type { CompanyId, UserId } from '@waybill/domain';
import { z } from 'zod';
import { sealWith, type Opener } from './sealing.ts';
import type { DataKey } from './types.ts';

/** What events may carry of a requester only when sealed. */
export interface PersonalData {
  readonly email: string;
  readonly name?: string;
  /** JSON of the criterion: its search terms are free text and may name people. */
  readonly criterion?: unknown;
}

/** Whose personal data it is. Part of what is authenticated. */
export interface PersonalScope {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

const personalSchema = z.object({
  email: z.string(),
  name: z.string().exactOptional(),
  criterion: z.json().exactOptional(),
});

/** JSON keeps the parts apart whatever the ids contain. */
function personalAad({ companyId, userId }: PersonalScope): string {
  return JSON.stringify(['waybill:personal', companyId, userId]);
}

export function sealPersonal(dataKey: DataKey, data: PersonalData, scope: PersonalScope): SealedData {
  return sealWith(dataKey, Buffer.from(JSON.stringify(data), 'utf8'), personalAad(scope));
}

/** @throws ExportError `SEALED_DATA_UNREADABLE`, also when the data opens and is not of this form. */
export async function openPersonal(
  opener: Opener,
  sealed: SealedData,
  scope: PersonalScope,
): Promise<PersonalData> {
  const bytes = await opener.open(sealed, personalAad(scope));
  try {
    return personalSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    // The cause of a parse error quotes what it read: it must not reach a log.
    throw new ExportError('SEALED_DATA_UNREADABLE', {
      params: {
        key_id: sealed.key_id,
        reason: cause instanceof SyntaxError ? 'it holds no JSON' : 'it holds no personal data',
      },
    });
  }
}
