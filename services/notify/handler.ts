import type { Tombstones } from '@waybill/erasure';
import { openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import { asExportError } from '@waybill/errors';
import { deadLetter, retry, skip, type HandlerContext, type MessageOf, type Outcome } from '@waybill/kafka';
import type { Announcer } from './outbound/dispatcher.ts';
import { deliverEmail, type EmailParts, type EmailTask } from './delivery/deliver-email.ts';
import { composeAlert } from './email/alert-message.ts';
import { composeMessage, templateOf } from './email/message.ts';
import { endedExport, type EndedExport } from './ended-export.ts';
import type { Governance, GovernanceAlert } from './governance.ts';
import type { Bell } from './inbox/feed.ts';
import { linksOf, type LinkSettings } from './email/links.ts';
import type { NotificationStore } from './inbox/notification-store.ts';
import { alertOf, notificationOf, type NotificationFacts } from './inbox/notification.ts';
import { combine } from './outcomes.ts';

export interface HandlerParts extends EmailParts {
  readonly notifications: NotificationStore;
  readonly erasures: Tombstones;
  readonly announcer: Announcer;
  /** Wakes the streams of this process. */
  readonly bell: Bell;
  readonly governance: Governance;
  readonly opener: Opener;
  readonly links: LinkSettings;
  /** Older events are skipped: who replays the topic wants no email about last month. */
  readonly maxEventAgeMs: number;
}

export type Told = Pick<MessageOf<'export.completed'>, 'event' | 'traceparent'>;
export type Circumstances = Pick<HandlerContext, 'signal' | 'logger'>;
export type Tell = (told: Told, circumstances: Circumstances) => Promise<Outcome>;

/** What every step about one event needs. */
interface Telling extends Told, Circumstances {
  readonly ended: EndedExport;
  readonly requester: PersonalData;
}

/** Tells of one ended export, in the app and by email. Telling again tells only who was not told yet. */
export function createHandler(parts: HandlerParts): Tell {
  return async (told, circumstances) => {
    const ended = endedExport(told.event);
    if (ended === undefined) return skip('nobody is known to have asked');
    if (parts.now() - ended.completedAt > parts.maxEventAgeMs) return skip('the event is too old');
    try {
      if (await parts.erasures.coverOf(ended)) return skip('the person was erased');
      const requester = await openPersonal(parts.opener, ended.job.personal, ended);
      const telling = { ...told, ...circumstances, ended, requester };
      await notify(parts, telling, notificationOf(ended));
      const alert = await parts.governance.alertFor(ended);
      const alerts = alert === undefined ? [] : await alertAll(parts, telling, alert);
      return combine(await emailRequester(parts, telling), ...alerts);
    } catch (error) {
      const cause = asExportError(error, 'EXPORT_FAILED');
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}

/** In the app; where it is new, another system is told as well. */
async function notify(parts: HandlerParts, { signal }: Telling, facts: NotificationFacts): Promise<void> {
  const { announcer, notifications } = parts;
  const marks = { read_at: null, publication: announcer.first, stored_at: new Date(parts.now()) };
  if (!(await notifications.put(facts, marks))) return;
  parts.bell.ring(facts);
  await announcer.announce(facts, signal);
}

function emailRequester(parts: HandlerParts, telling: Telling): Promise<Outcome> {
  const { ended, requester } = telling;
  return deliverEmail(parts, {
    ...envelopeOf(telling),
    template: templateOf(ended),
    recipient: requester,
    compose: () => composeMessage(ended, requester, linksOf(ended.jobId, parts.links)),
  });
}

async function alertAll(
  parts: HandlerParts,
  telling: Telling,
  { threshold, administrators }: GovernanceAlert,
): Promise<readonly Outcome[]> {
  const { ended, requester } = telling;
  const outcomes: Outcome[] = [];
  for (const administrator of administrators) {
    await notify(parts, telling, alertOf(ended, administrator, threshold));
    const compose = () =>
      composeAlert({ ended, requester, threshold, administrator }, linksOf(ended.jobId, parts.links));
    const task = {
      ...envelopeOf(telling),
      template: 'export_threshold',
      recipient: administrator,
      compose,
    } as const;
    outcomes.push(await deliverEmail(parts, task));
  }
  return outcomes;
}

function envelopeOf({ event, ended, traceparent, signal, logger }: Telling) {
  return { event, ended, traceparent, signal, logger } satisfies Partial<EmailTask>;
}
