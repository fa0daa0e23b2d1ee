import { asExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { linksOf, type LinkSettings } from '../email/links.ts';
import type { NotificationStore } from '../inbox/notification-store.ts';
import { notificationView, type NotificationFacts, type Publication } from '../inbox/notification.ts';
import type { ExportNotification, NotificationPublisher } from './publisher.ts';

export interface AnnouncerParts {
  readonly notifications: Pick<NotificationStore, 'markPublication' | 'unpublished'>;
  /** Undefined where no other system is set. */
  readonly publisher: NotificationPublisher | undefined;
  readonly links: LinkSettings;
  /** So long the first try is left alone, in milliseconds. */
  readonly againAfterMs: number;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Tells the other system of notifications; that it fails is never fatal to anything. */
export interface Announcer {
  /** How a notification begins that is stored now. */
  readonly first: Publication;
  announce(facts: NotificationFacts, signal: AbortSignal): Promise<void>;
  /** Tells it of those of the last day that it has not taken yet. */
  catchUp(signal: AbortSignal): Promise<void>;
}

/** Older news than that helps nobody. */
const catchUpMs = 86_400_000;
const catchUpLimit = 100;

export function createAnnouncer(parts: AnnouncerParts): Announcer {
  const { notifications, publisher } = parts;
  if (publisher === undefined) {
    return { first: 'off', announce: () => Promise.resolve(), catchUp: () => Promise.resolve() };
  }
  const announce = async (facts: NotificationFacts, signal: AbortSignal): Promise<Publication> => {
    const publication = await tryToPublish(parts, publisher, facts, signal);
    if (publication !== 'pending') await notifications.markPublication(facts._id, publication);
    return publication;
  };
  return {
    first: 'pending',
    announce: async (facts, signal) => {
      await announce(facts, signal);
    },
    catchUp: async (signal) => {
      const now = parts.now();
      const stored = { from: new Date(now - catchUpMs), before: new Date(now - parts.againAfterMs) };
      for (const facts of await notifications.unpublished(stored, catchUpLimit)) {
        // While the other system is away, the rest would fail the same way.
        if (signal.aborted || (await announce(facts, signal)) === 'pending') return;
      }
    },
  };
}

async function tryToPublish(
  { links, logger }: AnnouncerParts,
  publisher: NotificationPublisher,
  facts: NotificationFacts,
  signal: AbortSignal,
): Promise<Publication> {
  try {
    await publisher.publish(messageOf(facts, links), { signal });
    return 'done';
  } catch (error) {
    const { _id, job_id, company_id } = facts;
    logger.warn({ notification_id: _id, job_id, company_id, error }, 'notification not published');
    return asExportError(error, 'RECEIVER_UNAVAILABLE').retryable ? 'pending' : 'refused';
  }
}

function messageOf(facts: NotificationFacts, settings: LinkSettings): ExportNotification {
  const links = linksOf(facts.job_id, settings);
  const { id, origin, kind, title, body, url, job_id, created_at } = notificationView(
    { ...facts, read_at: null },
    facts.locale,
    links,
  );
  const { company_id, user_id } = facts;
  return { id, company_id, user_id, origin, kind, title, body, url, job_id, created_at };
}
