import { openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import type { Tombstones } from '@waybill/erasure';
import { asExportError } from '@waybill/errors';
import { deadLetter, retry, skip, type HandlerContext, type MessageOf, type Outcome } from '@waybill/kafka';
import { deliverEmail, type EmailDeps, type EmailTask } from './delivery/deliver-email.ts';
import { linksOf, type LinkSettings } from './email/links.ts';
import { composeAlert, composeMessage } from './email/message.ts';
import { endedExport, templateOf, type EndedExport } from './ended-export.ts';
import type { Governance, GovernanceAlert } from './governance.ts';
import type { InboxEvents } from './inbox/feed.ts';
import type { NotificationStore } from './inbox/notification-store.ts';
import { alertOf, notificationOf, type NotificationContent } from './inbox/notification.ts';
import type { Dispatcher } from './outbound/dispatcher.ts';

export interface HandlerDeps extends EmailDeps {
  readonly notifications: NotificationStore;
  readonly erasures: Tombstones;
  readonly dispatcher: Dispatcher;
  /** Wakes the open streams of this process. */
  readonly inboxEvents: InboxEvents;
  readonly governance: Governance;
  readonly opener: Opener;
  readonly links: LinkSettings;
  /** Older events are skipped, so that a replay of the topic sends nothing about last month. */
  readonly maxEventAgeMs: number;
}

export type CompletedMessage = Pick<MessageOf<'export.completed'>, 'event' | 'traceparent'>;
export type NotifyHandler = (
  message: CompletedMessage,
  context: Pick<HandlerContext, 'signal' | 'logger'>,
) => Promise<Outcome>;

/** What every step about one event needs. */
interface NotifyContext extends CompletedMessage, Pick<HandlerContext, 'signal' | 'logger'> {
  readonly ended: EndedExport;
  readonly requester: PersonalData;
}

/**
 * Notifies the people concerned of one ended export, in the app and by email. A repeated message notifies only those
 * who were not notified before.
 */
export function createHandler(deps: HandlerDeps): NotifyHandler {
  return async (message, context) => {
    const ended = endedExport(message.event);
    if (ended === undefined) return skip('the requester is unknown');
    if (deps.now().getTime() - ended.completedAt > deps.maxEventAgeMs) return skip('the event is too old');
    try {
      if (await deps.erasures.coverOf(ended)) return skip('the person was erased');
      const requester = await openPersonal(deps.opener, ended.spec.personal, ended);
      const notifyContext = { ...message, ...context, ended, requester };
      await addToInbox(deps, notificationOf(ended), context.signal);
      const alert = await deps.governance.alertFor(ended);
      const alerts = alert === undefined ? [] : await alertAdministrators(deps, notifyContext, alert);
      return combineOutcomes(await emailRequester(deps, notifyContext), ...alerts);
    } catch (error) {
      const cause = asExportError(error, 'EXPORT_FAILED');
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}

/** Stores a notification in the app. A new one is also dispatched to the other notification system. */
async function addToInbox(
  deps: HandlerDeps,
  content: NotificationContent,
  signal: AbortSignal,
): Promise<void> {
  const { dispatcher, notifications } = deps;
  const state = { read_at: null, publication: dispatcher.initialPublication, stored_at: deps.now() };
  if (!(await notifications.put(content, state))) return;
  deps.inboxEvents.emit(content);
  await dispatcher.dispatch(content, signal);
}

function emailRequester(deps: HandlerDeps, context: NotifyContext): Promise<Outcome> {
  const { ended, requester } = context;
  return deliverEmail(deps, {
    ...taskOf(context),
    template: templateOf(ended),
    recipient: requester,
    compose: () => composeMessage(ended, requester, linksOf(ended.jobId, deps.links)),
  });
}

async function alertAdministrators(
  deps: HandlerDeps,
  context: NotifyContext,
  { threshold, administrators }: GovernanceAlert,
): Promise<readonly Outcome[]> {
  const { ended, requester } = context;
  const links = linksOf(ended.jobId, deps.links);
  const outcomes: Outcome[] = [];
  for (const administrator of administrators) {
    await addToInbox(deps, alertOf(ended, administrator, threshold), context.signal);
    const outcome = await deliverEmail(deps, {
      ...taskOf(context),
      template: 'export_threshold',
      recipient: administrator,
      compose: () => composeAlert({ ended, requester, threshold, administrator }, links),
    });
    outcomes.push(outcome);
  }
  return outcomes;
}

function taskOf({ event, ended, traceparent, signal, logger }: NotifyContext) {
  return { event, ended, traceparent, signal, logger } satisfies Partial<EmailTask>;
}

const outcomePriority: readonly Outcome['kind'][] = ['retry', 'dead-letter', 'done', 'skip'];

/**
 * Returns one outcome for a message that led to several emails. A retry comes first: emails that were sent are
 * recognised and skipped then. A dead letter comes next, because it needs an operator.
 */
export function combineOutcomes(first: Outcome, ...rest: readonly Outcome[]): Outcome {
  const all = [first, ...rest];
  const byPriority = outcomePriority.map((kind) => all.find((outcome) => outcome.kind === kind));
  return byPriority.find((found) => found !== undefined) ?? first;
}
