/** Sends one email at most once: reserve, send, record the result, in this order. */
import { asExportError, ExportError } from '@waybill/errors';
import { activityEntry, deadLetter, done, retry, skip, type Outcome } from '@waybill/kafka';
import type { OutboxEntry } from '@waybill/mongo';
import type { Logger } from '@waybill/observability';
import type { ExportCompleted } from '@waybill/schemas';
import { keepTrying } from '@waybill/service';
import type { Message } from '../email/frame.ts';
import type { EndedExport, Template } from '../ended-export.ts';
import type { NotifyMetrics } from '../metrics.ts';
import type { DeliveryStore, Reservation } from './delivery-store.ts';
import { deliveryId, messageIdOf, nextStep, type SendResult, type Step } from './delivery.ts';
import type { Mailer } from './mailer.ts';

export interface EmailDeps {
  readonly deliveries: DeliveryStore;
  readonly mailer: Mailer;
  /** Domain of the Message-IDs. */
  readonly messageIdDomain: string;
  /** Publishes the outbox of a delivery now. What fails is left to the outbox's sweep. */
  readonly relay: (deliveryId: string) => Promise<boolean>;
  readonly metrics: NotifyMetrics;
  readonly now: () => Date;
}

export interface EmailTask {
  readonly event: ExportCompleted;
  readonly ended: EndedExport;
  readonly template: Template;
  readonly recipient: { readonly email: string; readonly name?: string | undefined };
  readonly compose: () => Message;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** The server's answer must reach MongoDB: without it the delivery would be reported as stuck. */
const recordLimitMs = 30_000;

const skipReasons: Readonly<Record<Exclude<Step, 'reserve' | 'reserve-again' | 'expired'>, string>> = {
  'already-sent': 'the email was sent before',
  'in-flight': 'the email is being sent by another process',
  stuck: 'the email is stuck and waits for an operator',
};

/** Sends an email unless it was sent before. Returns the outcome for the message that caused it. */
export async function deliverEmail(deps: EmailDeps, task: EmailTask): Promise<Outcome> {
  const { ended, template } = task;
  const id = deliveryId(ended.jobId, task.recipient.email, template);
  const now = deps.now();
  const step = nextStep(await deps.deliveries.stateOf(id), ended.expiresAt, now.getTime());
  if (step === 'expired') return deadLetter(new ExportError('EXPORT_EXPIRED'));
  if (step !== 'reserve' && step !== 'reserve-again') return skip(skipReasons[step]);
  const reservation =
    step === 'reserve'
      ? await deps.deliveries.reserve({ id, template, event: task.event }, now)
      : await deps.deliveries.reserveAgain(id, now);
  if (reservation === undefined) return skip(skipReasons['in-flight']);
  const result = await send(deps, task, id);
  await record(deps, task, { reservation, result });
  deps.metrics.emails.inc({ template, result: result.kind });
  return outcomeOf(result, task.logger, id);
}

async function send(deps: EmailDeps, task: EmailTask, id: string): Promise<SendResult> {
  const { email, name } = task.recipient;
  const envelope = { to: email, name, messageId: messageIdOf(id, deps.messageIdDomain) };
  const message = task.compose();
  const stopTimer = deps.metrics.sendSeconds.startTimer();
  try {
    return await deps.mailer.send(envelope, message, task.signal);
  } finally {
    stopTimer();
  }
}

async function record(
  deps: EmailDeps,
  task: EmailTask,
  { reservation, result }: { readonly reservation: Reservation; readonly result: SendResult },
): Promise<void> {
  const at = deps.now();
  const id = reservation._id;
  const events = result.kind === 'accepted' ? [notificationSent(task, id, at)] : [];
  // Not the task's own signal: the mail server's answer is also recorded while the service stops.
  const signal = AbortSignal.timeout(recordLimitMs);
  const write = () => deps.deliveries.record(reservation, { result, at, events });
  try {
    await keepTrying('mongodb', write, { signal, logger: task.logger });
  } catch (error) {
    task.logger.error({ delivery_id: id, result: result.kind, error }, 'delivery result lost');
    throw asExportError(error, 'SERVICE_UNAVAILABLE');
  }
  if (events.length > 0) await deps.relay(id);
}

function outcomeOf(result: SendResult, logger: Logger, id: string): Outcome {
  switch (result.kind) {
    case 'accepted':
      return done();
    case 'unknown':
      logger.error({ delivery_id: id, reason: result.reason }, 'delivery marked as stuck');
      return skip('it is unknown whether the mail server accepted the email');
    case 'refused': {
      const params = { reason: result.reason };
      return result.permanent
        ? deadLetter(new ExportError('MAIL_REFUSED', { params }))
        : retry(new ExportError('MAIL_UNAVAILABLE', { params }));
    }
  }
}

/** Returns the product event of an accepted email. Its id follows from the delivery's, so there is one per delivery. */
function notificationSent({ ended, template, traceparent }: EmailTask, id: string, at: Date): OutboxEntry {
  const { jobId, companyId, userId, attempt } = ended;
  return activityEntry({
    name: 'cdp_export_notification_sent',
    companyId,
    jobId,
    userId,
    attempt,
    at: at.getTime(),
    attributes: { channel: 'email', template, format: ended.spec.format, attempt: String(attempt) },
    sequence: id,
    traceparent,
  });
}
