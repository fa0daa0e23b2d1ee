import { ExportError } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import type { CompanyId, UserId } from '@waybill/domain';
import { z } from 'zod';
import { sealWith, type Opener } from './sealing.ts';
import type { DataKey } from './types.ts';

/** Data about a requester that events contain in sealed form only. */
export interface PersonalData {
  readonly email: string;
  readonly name?: string;
  /** JSON of the criterion: its search terms are free text and may name people. */
  readonly criterion?: unknown;
}

/** Person whose data it is. The seal authenticates these ids. */
export interface PersonalScope {
  readonly companyId: CompanyId;
  readonly userId: UserId;
}

const personalSchema = z.object({
  email: z.string(),
  name: z.string().exactOptional(),
  criterion: z.json().exactOptional(),
});

/** Returns the ids as JSON, which separates them whatever characters they contain. */
function personalAad({ companyId, userId }: PersonalScope): string {
  return JSON.stringify(['waybill:personal', companyId, userId]);
}

/** Seals personal data for one person of one company. */
export function sealPersonal(dataKey: DataKey, data: PersonalData, scope: PersonalScope): SealedData {
  return sealWith(dataKey, Buffer.from(JSON.stringify(data), 'utf8'), personalAad(scope));
}

/**
 * Opens what `sealPersonal` sealed for the same person.
 * @throws ExportError `SEALED_DATA_UNREADABLE`, also when the opened data is not personal data.
 */
export async function openPersonal(
  opener: Opener,
  sealed: SealedData,
  scope: PersonalScope,
): Promise<PersonalData> {
  const bytes = await opener.open(sealed, personalAad(scope));
  try {
    return personalSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    // A parse error quotes its input, so it must not become the cause, which is logged.
    throw new ExportError('SEALED_DATA_UNREADABLE', {
      params: {
        key_id: sealed.key_id,
        reason: cause instanceof SyntaxError ? 'it holds no JSON' : 'it holds no personal data',
      },
    });
  }
}
