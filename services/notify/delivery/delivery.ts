/**
 * One email to one person about one job.
 *
 * Terms: a *delivery record* is the delivery's document, under an id that follows from job, recipient and template, so
 * that there is one. `next_attempt_at` says when it is due. A *lease* is the right to try a due delivery once: it moves
 * `next_attempt_at` to the end of the lease and counts up `tries`, both by compare-and-set. *Handing over* is passing the
 * first byte of the message to the connection; before it the mail server cannot have accepted anything.
 *
 *              insert             hand over             accepted
 *   (no record) ────> scheduled ───────────> sending ──────────────> sent
 *                      │  ^  ^                │   │
 *       refused for    │  │  └────────────────┘   │ acceptance unknown, or 10 min without an end
 *       good, expired  v  │   refused for now     v
 *                   failed │                    stuck
 *                      └───┴──(an operator)───────┘
 *
 * A process that ends before the hand-over leaves `scheduled`: the delivery is due again when the lease ends. A process
 * that ends after it leaves `sending`, which the sweep marks as `stuck`: the email may have gone out, so only an operator
 * sends it again. The hand-over is a compare-and-set on `tries`, so that of two leases of one delivery only the later can
 * send. `withdrawn` is the end of a delivery that nobody should get any more: its person was erased, or is not an
 * administrator any more.
 */
import { createHash } from 'node:crypto';
import type { JobId } from '@waybill/domain';
import type { ExportError } from '@waybill/errors';
import { type ErrorCode } from '@waybill/errors';
import { delayAfter, type BackOff } from '@waybill/service';
import type { Template } from '../ended-export.ts';

export const deliveryStates = ['scheduled', 'sending', 'sent', 'stuck', 'failed', 'withdrawn'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** What the mail server said to one message. */
export type SendResult =
  | { readonly kind: 'accepted'; readonly response: string }
  /** It refused the message or an address. `permanent`: the same message would be refused again. */
  | { readonly kind: 'refused'; readonly permanent: boolean; readonly reason: string }
  /** It was not reached, or did not accept the sign-in. Nothing was handed over. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** The message was handed over and no answer came. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** It was ready to receive the message, which was not handed over for a reason of this service. */
  | { readonly kind: 'not-sent'; readonly cause: ExportError };

/** How one try of a delivery ended. */
export type TryResult = SendResult | { readonly kind: 'withdrawn'; readonly reason: string };

/** What becomes of a delivery after a try. */
export type Verdict =
  | { readonly state: 'sent' | 'stuck' | 'withdrawn' }
  | { readonly state: 'scheduled'; readonly nextAttemptAt: Date }
  | { readonly state: 'failed'; readonly cause: ErrorCode };

export interface VerdictContext {
  /** Tries so far, this one included. */
  readonly tries: number;
  readonly now: Date;
  /** When the file is removed, epoch milliseconds. The delivery is due then at the latest, and fails. */
  readonly expiresAt: number;
  readonly backOff: BackOff;
  /** In [0, 1). */
  readonly random: number;
}

/** Returns the SHA-256 of job, recipient and template: a delivery record outlives the erasure of its recipient. */
export function deliveryId(jobId: JobId, recipient: string, template: Template): string {
  const text = JSON.stringify([jobId, recipient.trim().toLowerCase(), template]);
  return createHash('sha256').update(text).digest('hex');
}

/** Returns the Message-ID (RFC 5322 §3.6.4). It is the same for each send, so that a mailbox can recognise a repetition. */
export function messageIdOf(deliveryId: string, domain: string): string {
  return `<${deliveryId.slice(0, 40)}@${domain}>`;
}

/** Decides what becomes of a delivery after a try. */
export function verdictOf(result: TryResult, context: VerdictContext): Verdict {
  const { tries, backOff, random } = context;
  const later = () => scheduled(delayAfter(tries, backOff, random), context);
  switch (result.kind) {
    case 'accepted':
      return { state: 'sent' };
    case 'unknown':
      return { state: 'stuck' };
    case 'withdrawn':
      return { state: 'withdrawn' };
    case 'unavailable':
      // Due again soon whatever the number of tries: the scheduler tries one delivery at a time until the server answers.
      return scheduled(backOff.fromMs, context);
    case 'refused':
      return result.permanent ? { state: 'failed', cause: 'MAIL_REFUSED' } : later();
    case 'not-sent':
      return result.cause.retryable ? later() : { state: 'failed', cause: result.cause.code };
  }
}

function scheduled(delayMs: number, { now, expiresAt }: VerdictContext): Verdict {
  return { state: 'scheduled', nextAttemptAt: new Date(Math.min(now.getTime() + delayMs, expiresAt)) };
}
