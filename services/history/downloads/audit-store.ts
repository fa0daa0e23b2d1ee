import { limits } from '@waybill/domain';
import {
  newestPage,
  removeUpTo,
  stored,
  type OutboxEntry,
  type Page,
  type PageRequest,
} from '@waybill/mongo';
import type { ErrorCode } from '@waybill/errors';
import type { SealedData } from '@waybill/schemas';
import type { Collection } from 'mongodb';

/**
 * One click on a download, granted or refused. It has its own collection, which a rebuild does not change: no topic
 * contains it.
 */
export interface DownloadDocument {
  /** The id of the download, a random UUID. */
  readonly _id: string;
  readonly job_id: string;
  /** The company of the file. */
  readonly company_id: string;
  /** The person who clicked, and the company of that person's session: a sister company's, or an outsider's. */
  readonly user_id: string;
  readonly visitor_company_id: string;
  readonly at: Date;
  readonly outcome: 'granted' | 'refused';
  readonly code: ErrorCode | null;
  /** Sealed {email, address, agent}; null after the person was erased. */
  readonly personal: SealedData | null;
  /** Removed after this instant. */
  readonly keep_until: Date;
  readonly outbox: readonly OutboxEntry[];
  readonly outbox_pending: boolean;
}

export interface DownloadTally {
  readonly count: number;
  readonly lastAt: Date | undefined;
}

/** @throws ExportError SERVICE_UNAVAILABLE while MongoDB cannot be reached. */
export interface AuditStore {
  add(download: DownloadDocument): Promise<void>;
  /** Returns the number of granted downloads by job id. Jobs without downloads are left out. */
  tallies(jobIds: readonly string[]): Promise<ReadonlyMap<string, DownloadTally>>;
  /**
   * Returns a page of the clicks on a job's file, newest first. Refused attempts of people of other companies are left out:
   * the list would show to one company who works for another.
   */
  page(
    job: { readonly jobId: string; readonly companyId: string },
    options: PageRequest,
  ): Promise<Page<DownloadDocument>>;
  /** Returns how many clicks of a visitor were refused since an instant. */
  countRefused(
    visitor: { readonly companyId: string; readonly userId: string },
    since: Date,
  ): Promise<number>;
  /** Removes expired downloads whose event is published and returns how many there were. */
  removePast(now: Date): Promise<number>;
}

export function createAuditStore(downloads: Collection<DownloadDocument>): AuditStore {
  return {
    add: async (download) => {
      await stored(downloads.insertOne(download));
    },
    tallies: async (jobIds) => {
      const found = await stored(
        downloads
          .find({ job_id: { $in: [...jobIds] }, outcome: 'granted' }, { projection: { job_id: 1, at: 1 } })
          .toArray(),
      );
      const tallies = new Map<string, DownloadTally>();
      for (const { job_id, at } of found) {
        const { count, lastAt } = tallies.get(job_id) ?? { count: 0, lastAt: undefined };
        tallies.set(job_id, { count: count + 1, lastAt: lastAt === undefined || at > lastAt ? at : lastAt });
      }
      return tallies;
    },
    page: ({ jobId, companyId }, page) => {
      const shown = { $or: [{ outcome: 'granted' as const }, { visitor_company_id: companyId }] };
      return newestPage(downloads, { job_id: jobId, ...shown }, { ...page, by: 'at' });
    },
    countRefused: ({ companyId, userId }, since) => {
      const clicks = { visitor_company_id: companyId, user_id: userId, at: { $gt: since } };
      return stored(
        downloads.countDocuments({ ...clicks, outcome: 'refused' }, { limit: limits.refusedClicks }),
      );
    },
    removePast: (now) => removeUpTo(downloads, { keep_until: { $lt: now }, outbox_pending: false }),
  };
}
