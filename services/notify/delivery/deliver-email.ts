/** One email, once: the claim before the send, the send, and what came of it, in this order. */
import { asExportError, ExportError } from '@waybill/errors';
import { deadLetter, done, retry, skip, type Outcome } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import { keepTrying } from '@waybill/service';
import type { ExportCompleted } from '@waybill/schemas';
import { notificationSent } from './activity.ts';
import type { Claim, DeliveryStore } from './delivery-store.ts';
import { deliveryId, messageIdOf, nextStep, type SendResult, type Step, type Template } from './delivery.ts';
import type { Message } from '../email/message.ts';
import type { EndedExport } from '../ended-export.ts';
import type { Mailer } from './mailer.ts';
import type { NotifyMetrics } from '../metrics.ts';

export interface EmailParts {
  readonly deliveries: DeliveryStore;
  readonly mailer: Mailer;
  /** Domain of the Message-IDs. */
  readonly domain: string;
  /** Publishes the outbox of a delivery now; what it cannot, the sweep will. */
  readonly relay: (deliveryId: string) => Promise<boolean>;
  readonly metrics: NotifyMetrics;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
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

/** Once the server has answered, its answer must reach the store: without it the delivery would be reported as stuck. */
const recordLimitMs = 30_000;

const reasons: Readonly<Record<Exclude<Step, 'claim' | 'reclaim' | 'expired'>, string>> = {
  'already-sent': 'the email was sent before',
  'in-flight': 'another try of the email is on its way',
  stuck: 'the email is stuck and waits for an operator',
};

export async function deliverEmail(parts: EmailParts, task: EmailTask): Promise<Outcome> {
  const { ended, template } = task;
  const id = deliveryId(ended.jobId, task.recipient.email, template);
  const step = nextStep(await parts.deliveries.stateOf(id), ended.endsAt, parts.now());
  if (step === 'expired') return deadLetter(new ExportError('EXPORT_EXPIRED'));
  if (step !== 'claim' && step !== 'reclaim') return skip(reasons[step]);
  const now = new Date(parts.now());
  const claim =
    step === 'claim'
      ? await parts.deliveries.claim({ id, template, event: task.event }, now)
      : await parts.deliveries.reclaim(id, now);
  if (claim === undefined) return skip(reasons['in-flight']);
  const result = await send(parts, task, id);
  await record(parts, task, claim, result);
  parts.metrics.emails.inc({ template, result: result.kind });
  return outcomeOf(result, task.logger, id);
}

async function send(parts: EmailParts, task: EmailTask, id: string): Promise<SendResult> {
  const { email, name } = task.recipient;
  const envelope = { to: email, name, messageId: messageIdOf(id, parts.domain) };
  const message = task.compose();
  const stopTimer = parts.metrics.sendSeconds.startTimer();
  try {
    return await parts.mailer.send(envelope, message, task.signal);
  } finally {
    stopTimer();
  }
}

async function record(parts: EmailParts, task: EmailTask, claim: Claim, result: SendResult): Promise<void> {
  const at = parts.now();
  const events = result.kind === 'accepted' ? [notificationSent(task, claim._id, at)] : [];
  // Not the task's own signal: a stop in this moment is no reason to forget what the mail server said.
  const signal = AbortSignal.timeout(recordLimitMs);
  const write = () => parts.deliveries.record(claim, result, new Date(at), events);
  try {
    await keepTrying('mongodb', write, { signal, logger: task.logger });
  } catch (error) {
    task.logger.error({ delivery_id: claim._id, result: result.kind, error }, 'delivery result is lost');
    throw asExportError(error, 'SERVICE_UNAVAILABLE');
  }
  if (events.length > 0) await parts.relay(claim._id);
}

function outcomeOf(result: SendResult, logger: Logger, id: string): Outcome {
  switch (result.kind) {
    case 'accepted':
      return done();
    case 'unknown':
      logger.error({ delivery_id: id, reason: result.reason }, 'delivery is stuck');
      return skip('whether the email was accepted is unknown');
    case 'refused': {
      const params = { reason: result.reason };
      return result.permanent
        ? deadLetter(new ExportError('MAIL_REFUSED', { params }))
        : retry(new ExportError('MAIL_UNAVAILABLE', { params }));
    }
  }
}
