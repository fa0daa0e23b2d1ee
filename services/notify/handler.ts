import { openPersonal, type Opener } from '@waybill/crypto';
import type { Tombstones } from '@waybill/erasure';
import { causeOf } from '@waybill/errors';
import {
  deadLetter,
  done,
  retry,
  skip,
  type HandlerContext,
  type MessageOf,
  type Outcome,
} from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import type { DeliveryStore } from './delivery/delivery-store.ts';
import { deliveryId } from './delivery/delivery.ts';
import type { Scheduler } from './delivery/scheduler.ts';
import { endedExport, templateOf, type EndedExport, type Template } from './ended-export.ts';
import type { Governance } from './governance.ts';
import type { InboxEvents } from './inbox/feed.ts';
import type { NotificationStore } from './inbox/notification-store.ts';
import { alertOf, notificationOf, type NotificationContent } from './inbox/notification.ts';
import type { Dispatcher } from './outbound/dispatcher.ts';

export interface HandlerDeps {
  readonly deliveries: Pick<DeliveryStore, 'add'>;
  readonly scheduler: Pick<Scheduler, 'wake'>;
  readonly notifications: NotificationStore;
  readonly erasures: Tombstones;
  readonly dispatcher: Dispatcher;
  /** Wakes the open streams of this process. */
  readonly inboxEvents: InboxEvents;
  readonly governance: Governance;
  readonly opener: Opener;
  /** Older events are skipped, so that a replay of the topic sends nothing about last month. */
  readonly maxEventAgeMs: number;
  readonly now: () => Date;
}

type Message = MessageOf<'export.completed'>;

/** What every step about one event needs. */
interface NotifyContext {
  readonly event: Message['event'];
  readonly traceparent: string | undefined;
  readonly ended: EndedExport;
  readonly signal: AbortSignal;
}

/**
 * Creates the handler of export.completed. It stores the notification and the email of the requester, then those of the
 * administrators; the scheduler sends the emails. A repeated message notifies only those who were not notified before.
 */
export function createHandler(deps: HandlerDeps) {
  return async ({ event, traceparent }: Message, { signal, logger }: HandlerContext): Promise<Outcome> => {
    const ended = endedExport(event);
    if (ended === undefined) return skip('the requester is unknown');
    if (deps.now().getTime() - ended.completedAt > deps.maxEventAgeMs) return skip('the event is too old');
    try {
      if (await deps.erasures.coverOf(ended)) return skip('the person was erased');
      const requester = await openPersonal(deps.opener, ended.spec.personal, ended);
      const context = { event, traceparent, ended, signal };
      const isNew = await storeNotification(deps, notificationOf(ended));
      await scheduleEmail(deps, context, { template: templateOf(ended), email: requester.email });
      if (isNew) await deps.dispatcher.dispatch(notificationOf(ended), signal);
      await alertAdministrators(deps, context, logger);
      return done();
    } catch (error) {
      const cause = causeOf(error);
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}

/** Stores a notification in the app. Returns true for a new one. */
async function storeNotification(deps: HandlerDeps, content: NotificationContent): Promise<boolean> {
  const { dispatcher, notifications, inboxEvents } = deps;
  const state = { read_at: null, publication: dispatcher.initialPublication, stored_at: deps.now() };
  const isNew = await notifications.put(content, state);
  if (isNew) inboxEvents.emit(content);
  return isNew;
}

async function scheduleEmail(
  { deliveries, scheduler, now }: HandlerDeps,
  { event, traceparent, ended }: NotifyContext,
  { template, email }: { readonly template: Template; readonly email: string },
): Promise<void> {
  const id = deliveryId(ended.jobId, email, template);
  if (await deliveries.add({ id, template, event, traceparent }, now())) scheduler.wake();
}

/** Notifies administrators of a large export, after its requester and whatever becomes of the requester's email. */
async function alertAdministrators(deps: HandlerDeps, context: NotifyContext, logger: Logger): Promise<void> {
  const { ended, signal } = context;
  const alert = await deps.governance.alertFor(ended);
  if (alert === undefined) return;
  for (const administrator of alert.administrators) {
    const content = alertOf(ended, administrator, alert.threshold);
    const isNew = await storeNotification(deps, content);
    const { email } = administrator;
    if (email === undefined) {
      logger.warn({ user_id: administrator.userId }, 'administrator has no email, alert not sent');
    } else {
      await scheduleEmail(deps, context, { template: 'export_threshold', email });
    }
    if (isNew) await deps.dispatcher.dispatch(content, signal);
  }
}
