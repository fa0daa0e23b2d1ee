import { alertThreshold, type ContactSource, type Members, type Membership } from '@waybill/contacts';
import { rowsOf, type EndedExport } from './ended-export.ts';

/** Decides which administrators are notified of a large export. */
export interface Governance {
  /** Returns undefined where the company has no threshold, or where the export is not above it. */
  alertFor(ended: EndedExport): Promise<GovernanceAlert | undefined>;
}

export interface GovernanceAlert {
  /** Rows above which the company asks to be notified. */
  readonly threshold: number;
  readonly administrators: readonly Membership[];
}

export interface GovernanceDeps {
  readonly contacts: Pick<ContactSource, 'tenant'>;
  readonly members: Members;
}

/**
 * Reads the threshold and the administrators from the CRM. An administrator who is also the requester is notified too:
 * the alert is the company's record of the export.
 */
export function createGovernance({ contacts, members }: GovernanceDeps): Governance {
  return {
    alertFor: async (ended) => {
      const threshold = await alertThreshold(contacts, ended.companyId, rowsOf(ended));
      if (threshold === undefined) return undefined;
      return { threshold, administrators: await members.holding(ended.companyId, 'contacts.export.admin') };
    },
  };
}
