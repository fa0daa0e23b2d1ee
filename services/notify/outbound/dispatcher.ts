import { asExportError } from '@waybill/errors';
import type { Logger } from '@waybill/observability';
import { linksOf, type LinkSettings } from '../email/links.ts';
import type { NotificationStore } from '../inbox/notification-store.ts';
import { notificationView, type NotificationContent, type Publication } from '../inbox/notification.ts';
import type { ExportNotification, NotificationPublisher } from './publisher.ts';

export interface DispatcherDeps {
  readonly notifications: Pick<NotificationStore, 'markPublication' | 'unpublished'>;
  /** Undefined where no other notification system is set. */
  readonly publisher: NotificationPublisher | undefined;
  readonly links: LinkSettings;
  /** How long a notification is left to its first try, in milliseconds. */
  readonly retryAfterMs: number;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** Publishes notifications to the other notification system. A failure is logged and never thrown. */
export interface Dispatcher {
  /** The publication of a notification that is stored now. */
  readonly initialPublication: Publication;
  dispatch(content: NotificationContent, signal: AbortSignal): Promise<void>;
  /** Publishes the notifications of the last day that the other system has not accepted yet. */
  dispatchPending(signal: AbortSignal): Promise<void>;
}

/** After a day a notification is not offered again: it would only confuse its reader. */
const pendingMs = 86_400_000;
const pendingLimit = 100;

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { notifications, publisher } = deps;
  if (publisher === undefined) {
    return {
      initialPublication: 'off',
      dispatch: () => Promise.resolve(),
      dispatchPending: () => Promise.resolve(),
    };
  }
  const dispatch = async (content: NotificationContent, signal: AbortSignal): Promise<Publication> => {
    const publication = await publish(deps, publisher, { content, signal });
    if (publication !== 'pending') await notifications.markPublication(content._id, publication);
    return publication;
  };
  return {
    initialPublication: 'pending',
    dispatch: async (content, signal) => {
      await dispatch(content, signal);
    },
    dispatchPending: async (signal) => {
      const now = deps.now().getTime();
      const stored = { from: new Date(now - pendingMs), before: new Date(now - deps.retryAfterMs) };
      for (const content of await notifications.unpublished(stored, pendingLimit)) {
        // While the other system is down, the rest would fail the same way.
        if (signal.aborted || (await dispatch(content, signal)) === 'pending') return;
      }
    },
  };
}

async function publish(
  { links, logger }: DispatcherDeps,
  publisher: NotificationPublisher,
  { content, signal }: { readonly content: NotificationContent; readonly signal: AbortSignal },
): Promise<Publication> {
  try {
    await publisher.publish(messageOf(content, links), { signal });
    return 'done';
  } catch (error) {
    const { _id, job_id, company_id } = content;
    logger.warn({ notification_id: _id, job_id, company_id, error }, 'notification not published');
    return asExportError(error, 'RECEIVER_UNAVAILABLE').retryable ? 'pending' : 'refused';
  }
}

function messageOf(content: NotificationContent, settings: LinkSettings): ExportNotification {
  const links = linksOf(content.job_id, settings);
  const { id, origin, kind, title, body, url, job_id, created_at } = notificationView(
    { ...content, read_at: null },
    content.locale,
    links,
  );
  const { company_id, user_id } = content;
  return { id, company_id, user_id, origin, kind, title, body, url, job_id, created_at };
}
