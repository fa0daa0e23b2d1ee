import { asExportError } from '@waybill/errors';
import { deadLetter, retry, skip, type HandlerContext, type MessageOf, type Outcome } from '@waybill/kafka';
import { deliverEmail, type EmailParts } from './email-delivery.ts';
import { endedExport, type EndedExport } from './ended-export.ts';
import type { NotificationStore } from './notification-store.ts';
import { notificationOf } from './notification.ts';

export interface HandlerParts extends EmailParts {
  readonly notifications: NotificationStore;
  /** Older events are skipped: who replays the topic wants no email about last month. */
  readonly maxEventAgeMs: number;
}

type Message = MessageOf<'export.completed'>;

/** Tells the requester of one ended export: in the app, then by email. */
export function createHandler(parts: HandlerParts) {
  return async (message: Message, context: HandlerContext): Promise<Outcome> => {
    const { event } = message;
    const ended = endedExport(event);
    if (ended === undefined) return skip('nobody is known to have asked');
    if (parts.now() - ended.completedAt > parts.maxEventAgeMs) return skip('the event is too old');
    try {
      await project(parts, ended);
      const { signal, logger } = context;
      return await deliverEmail(parts, { event, ended, traceparent: message.traceparent, signal, logger });
    } catch (error) {
      const cause = asExportError(error, 'EXPORT_FAILED');
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}

async function project({ notifications }: HandlerParts, ended: EndedExport): Promise<void> {
  await notifications.put(notificationOf(ended), null);
}
