/** Who beside the requester is told of an export, and why. */
import type { ContactSource, Members } from '@waybill/contacts';
import type { Membership } from '@waybill/contacts';
import { rowsOf } from './email/alert-message.ts';
import type { EndedExport } from './ended-export.ts';

export interface Governance {
  /** The alert that an export causes; undefined where the company asks for none, or for none of this size. */
  alertFor(ended: EndedExport): Promise<GovernanceAlert | undefined>;
}

export interface GovernanceAlert {
  /** Rows above which the company asks to be told. */
  readonly threshold: number;
  readonly administrators: readonly Membership[];
}

export interface GovernanceParts {
  readonly contacts: Pick<ContactSource, 'tenant'>;
  readonly members: Members;
}

/**
 * Off unless the CRM holds a threshold for the company. Its administrators are told, also where one of them is the
 * requester: the alert is the company's record, not a courtesy.
 */
export function createGovernance({ contacts, members }: GovernanceParts): Governance {
  return {
    alertFor: async (ended) => {
      const rows = rowsOf(ended);
      if (rows === 0) return undefined;
      const threshold = (await contacts.tenant(ended.companyId))?.alertThreshold;
      if (threshold === undefined || rows <= threshold) return undefined;
      return { threshold, administrators: await members.holding(ended.companyId, 'contacts.export.admin') };
    },
  };
}
