/**
 * One email to one person about one job.
 *
 * Terms: a *delivery record* is the delivery's document, inserted before the send under an id that follows from job,
 * recipient and template. Inserting it *reserves* the send: only the process that inserted it may send. *Certain* means
 * that the mail server cannot have accepted the message.
 *
 *             insert                accepted
 *   (no record) ─────> sending ───────────────> sent
 *                      │  ^  │
 *       certain failure│  │  │ acceptance unknown, or 10 min without an end
 *                      v  │  v
 *                 retryable  stuck ──(an operator resends)──> retryable
 *
 * Only a compare-and-set from retryable to sending may send again. A crash between reservation and send leaves `sending`;
 * the sweep marks it as `stuck` and reports it. A stuck email is not resent automatically, because it may have gone out.
 */
import { createHash } from 'node:crypto';
import type { JobId } from '@waybill/domain';
import type { Template } from '../ended-export.ts';

export type DeliveryState = 'sending' | 'retryable' | 'sent' | 'stuck';

/** What the mail server said. `permanent`: the same message would be refused again. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly response: string }
  | { readonly kind: 'refused'; readonly permanent: boolean; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What to do with a delivery, decided by its state before anything is sent. */
export type Step = 'reserve' | 'reserve-again' | 'expired' | 'already-sent' | 'in-flight' | 'stuck';

/** Returns the SHA-256 of job, recipient and template: a delivery record outlives the erasure of its recipient. */
export function deliveryId(jobId: JobId, recipient: string, template: Template): string {
  const text = JSON.stringify([jobId, recipient.trim().toLowerCase(), template]);
  return createHash('sha256').update(text).digest('hex');
}

/** Returns the Message-ID (RFC 5322 §3.6.4). It is the same for each send, so that a mailbox can recognise a repetition. */
export function messageIdOf(deliveryId: string, domain: string): string {
  return `<${deliveryId.slice(0, 40)}@${domain}>`;
}

/** Decides the next step. `expiresAt`: when the file is removed. Both instants are epoch milliseconds. */
export function nextStep(state: DeliveryState | undefined, expiresAt: number, now: number): Step {
  if (state === 'sent') return 'already-sent';
  if (state === 'sending') return 'in-flight';
  if (state === 'stuck') return 'stuck';
  if (now >= expiresAt) return 'expired';
  return state === undefined ? 'reserve' : 'reserve-again';
}

/** Returns the state after a send. */
export function stateAfter(result: SendResult): DeliveryState {
  switch (result.kind) {
    case 'accepted':
      return 'sent';
    case 'refused':
      return 'retryable';
    case 'unknown':
      return 'stuck';
  }
}
