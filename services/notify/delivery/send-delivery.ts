/** One try of one leased delivery: compose, hand over and send, record the result, in this order. */
import { fieldLabel, type ContactSource } from '@waybill/contacts';
import { openPersonal, type Opener, type PersonalData } from '@waybill/crypto';
import type { Tombstones } from '@waybill/erasure';
import { asExportError, causeOf, ExportError } from '@waybill/errors';
import { activityEntry } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { Logger } from '@waybill/observability';
import { keepTrying, type BackOff } from '@waybill/service';
import type { FieldName } from '../email/filters.ts';
import type { Message } from '../email/frame.ts';
import { localeOf } from '../email/languages.ts';
import { linksOf, type LinkSettings } from '../email/links.ts';
import { fieldTitle } from '../email/measures.ts';
import { composeAlert, composeMessage } from '../email/message.ts';
import { endedExport, type EndedExport } from '../ended-export.ts';
import type { Governance } from '../governance.ts';
import type { NotifyMetrics } from '../metrics.ts';
import type { DeliveryDocument, DeliveryStore } from './delivery-store.ts';
import { deliveryId, messageIdOf, verdictOf, type TryResult, type Verdict } from './delivery.ts';
import type { Mailer } from './mailer.ts';

export interface SendDeps {
  readonly deliveries: Pick<DeliveryStore, 'handOver' | 'record'>;
  readonly erasures: Tombstones;
  readonly governance: Governance;
  readonly contacts: Pick<ContactSource, 'fieldProperties'>;
  readonly opener: Opener;
  readonly links: LinkSettings;
  readonly mailer: Mailer;
  /** Domain of the Message-IDs. */
  readonly messageIdDomain: string;
  /** The delay until a delivery is tried again. */
  readonly backOff: BackOff;
  /** Publishes the outbox of a delivery now. What fails is left to the outbox's sweep. */
  readonly relay: (deliveryId: string) => Promise<boolean>;
  readonly metrics: NotifyMetrics;
  readonly logger: Logger;
  readonly now: () => Date;
}

export interface SendSignals {
  /** Ends the send. */
  readonly send: AbortSignal;
  /** Ends the attempts to record the result. Without it the delivery would be reported as stuck. */
  readonly record: AbortSignal;
}

/** An email that can be sent. */
interface Email {
  readonly recipient: { readonly email: string; readonly name?: string | undefined };
  readonly message: Message;
}

/**
 * Tries a delivery that the caller has leased, and returns what the mail server said.
 * @throws ExportError SERVICE_UNAVAILABLE where the result could not be recorded before `signals.record`.
 */
export async function sendDelivery(
  deps: SendDeps,
  delivery: DeliveryDocument,
  signals: SendSignals,
): Promise<TryResult> {
  const ended = delivery.event === null ? undefined : endedExport(delivery.event);
  const result: TryResult =
    ended === undefined
      ? { kind: 'withdrawn', reason: 'the person was erased' }
      : await trySend(deps, { delivery, ended, signal: signals.send });
  const at = deps.now();
  const verdict = verdictOf(result, {
    tries: delivery.tries,
    now: at,
    expiresAt: ended?.expiresAt ?? at.getTime(),
    backOff: deps.backOff,
    random: Math.random(),
  });
  const events =
    verdict.state === 'sent' && ended !== undefined ? [notificationSent(delivery, ended, at)] : [];
  const logger = loggerOf(deps.logger, delivery);
  const write = () => deps.deliveries.record(delivery, { verdict, answer: answerOf(result), at, events });
  try {
    await keepTrying('mongodb', write, { signal: signals.record, logger });
  } catch (error) {
    logger.error({ result: result.kind, error }, 'delivery result lost');
    throw asExportError(error, 'SERVICE_UNAVAILABLE');
  }
  report(deps, delivery, { result, verdict, logger });
  if (events.length > 0) await deps.relay(delivery._id);
  return result;
}

interface Try {
  readonly delivery: DeliveryDocument;
  readonly ended: EndedExport;
  readonly signal: AbortSignal;
}

async function trySend(deps: SendDeps, { delivery, ended, signal }: Try): Promise<TryResult> {
  const { mailer, deliveries, metrics } = deps;
  let email: Email | undefined;
  try {
    if (deps.now().getTime() >= ended.expiresAt) throw new ExportError('EXPORT_EXPIRED');
    if (await deps.erasures.coverOf(ended)) return { kind: 'withdrawn', reason: 'the person was erased' };
    const requester = await openPersonal(deps.opener, ended.spec.personal, ended);
    email = await composeEmail(deps, { delivery, ended, requester });
  } catch (error) {
    return { kind: 'not-sent', cause: causeOf(error) };
  }
  if (email === undefined) return { kind: 'withdrawn', reason: 'the recipient is not notified any more' };
  const { recipient, message } = email;
  const envelope = {
    to: recipient.email,
    name: recipient.name,
    messageId: messageIdOf(delivery._id, deps.messageIdDomain),
  };
  const stopTimer = metrics.sendSeconds.startTimer();
  try {
    return await mailer.send(envelope, message, {
      signal,
      beforeContent: async () => {
        if (await deliveries.handOver(delivery, deps.now())) return;
        throw new ExportError('SERVICE_UNAVAILABLE', { cause: new Error('The lease has ended.') });
      },
    });
  } finally {
    stopTimer();
  }
}

/** Composes the email of a delivery. Returns undefined where its recipient is not an administrator any more. */
async function composeEmail(
  deps: SendDeps,
  { delivery, ended, requester }: Omit<Try, 'signal'> & { readonly requester: PersonalData },
): Promise<Email | undefined> {
  const links = linksOf(ended.jobId, deps.links);
  if (delivery.template !== 'export_threshold') {
    const fieldName = await fieldNameOf(deps, ended);
    return { recipient: requester, message: composeMessage(ended, { ...requester, fieldName }, links) };
  }
  // The record does not name the administrator; the id is a hash of the address.
  const alert = await deps.governance.alertFor(ended);
  if (alert === undefined) return undefined;
  const { threshold, administrators } = alert;
  for (const administrator of administrators) {
    const { email, name } = administrator;
    if (email === undefined || deliveryId(ended.jobId, email, delivery.template) !== delivery._id) continue;
    const message = composeAlert({ ended, requester, threshold, administrator }, links);
    return { recipient: { email, name }, message };
  }
  return undefined;
}

/** Returns the names of the company's fields in the job's language. A removed field has that of its stored name. */
async function fieldNameOf({ contacts }: SendDeps, { companyId, spec }: EndedExport): Promise<FieldName> {
  const properties = await contacts.fieldProperties(companyId);
  const locale = localeOf(spec.locale);
  const labels = new Map(properties.map((property) => [property.name, fieldLabel(property, locale)]));
  return (field) => labels.get(field) ?? fieldTitle(field);
}

function answerOf(result: TryResult): string {
  switch (result.kind) {
    case 'accepted':
      return result.response;
    case 'not-sent':
      return result.cause.message;
    default:
      return result.reason;
  }
}

interface Ending {
  readonly result: TryResult;
  readonly verdict: Verdict;
  readonly logger: Logger;
}

function report(
  { metrics }: SendDeps,
  delivery: DeliveryDocument,
  { result, verdict, logger }: Ending,
): void {
  const { template, tries } = delivery;
  metrics.emails.inc({ template, result: result.kind });
  const reason = answerOf(result);
  switch (verdict.state) {
    case 'scheduled':
      logger.warn(
        { tries, reason, next_attempt_at: verdict.nextAttemptAt.toISOString() },
        'email not sent, retry planned',
      );
      break;
    case 'failed':
      metrics.failed.inc({ template, code: verdict.cause });
      logger.error({ tries, reason, code: verdict.cause }, 'delivery failed');
      break;
    case 'stuck':
      logger.error({ tries, reason }, 'delivery marked as stuck');
      break;
    case 'withdrawn':
      logger.info({ reason }, 'delivery withdrawn');
      break;
    case 'sent':
      logger.debug({ tries }, 'email sent');
  }
}

function loggerOf(logger: Logger, { _id, job_id, company_id, template }: DeliveryDocument): Logger {
  return logger.child({ delivery_id: _id, job_id, company_id, template });
}

/** Returns the product event of an accepted email. Its id follows from the delivery's, so there is one per delivery. */
function notificationSent(
  { _id, template, traceparent }: DeliveryDocument,
  ended: EndedExport,
  at: Date,
): OutboxEntry {
  const { jobId, companyId, userId, attempt: attemptOfJob } = ended;
  return activityEntry({
    name: 'cdp_export_notification_sent',
    companyId,
    jobId,
    userId,
    attempt: attemptOfJob,
    at: at.getTime(),
    attributes: { channel: 'email', template, format: ended.spec.format, attempt: String(attemptOfJob) },
    sequence: _id,
    traceparent: traceparent ?? undefined,
  });
}
