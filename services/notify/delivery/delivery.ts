/**
 * One email to one person about one job.
 *
 * Terms: a *claim* is the delivery's document, inserted before the send under an id that (job, recipient, template)
 * decides; who inserted it may send, nobody else. *Certain* means that the mail server cannot have taken the message.
 *
 *            insert                accepted
 *   (none) ─────────> sending ───────────────> sent
 *                      │  ^  │
 *       certain failure│  │  │ acceptance unknown, or 10 min without an end
 *                      v  │  v
 *                 retryable  stuck ──(an operator resends)──> retryable
 *
 * Only compare-and-set retryable → sending may send again. A crash between claim and send leaves `sending`; the sweep
 * makes it `stuck` and reports it: nothing resends it by itself, because the email may have gone out.
 */
import { createHash } from 'node:crypto';
import type { JobId } from '@waybill/domain';

export type DeliveryState = 'sending' | 'retryable' | 'sent' | 'stuck';

/** Which email; `export_threshold` goes to administrators, the others to the requester. */
export type Template = 'export_succeeded' | 'export_failed' | 'export_cancelled' | 'export_threshold';

/** What the mail server said. `permanent`: the same message would be refused again. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly response: string }
  | { readonly kind: 'refused'; readonly permanent: boolean; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What to do with a delivery, decided by its state before anything is sent. */
export type Step = 'claim' | 'reclaim' | 'expired' | 'already-sent' | 'in-flight' | 'stuck';

/** Ids are hashes, so that a claim outlives the erasure of its recipient without naming anyone. */
export function deliveryId(jobId: JobId, recipient: string, template: Template): string {
  const text = JSON.stringify([jobId, recipient.trim().toLowerCase(), template]);
  return createHash('sha256').update(text).digest('hex');
}

/** The same delivery always has the same Message-ID (RFC 5322 §3.6.4), so that a mailbox can see a repetition. */
export function messageIdOf(deliveryId: string, domain: string): string {
  return `<${deliveryId.slice(0, 40)}@${domain}>`;
}

/** `endsAt`: when what the email leads to is gone, in milliseconds. */
export function nextStep(state: DeliveryState | undefined, endsAt: number, now: number): Step {
  if (state === 'sent') return 'already-sent';
  if (state === 'sending') return 'in-flight';
  if (state === 'stuck') return 'stuck';
  if (now >= endsAt) return 'expired';
  return state === undefined ? 'claim' : 'reclaim';
}

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
