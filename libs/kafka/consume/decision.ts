import type { ExportError } from '@waybill/errors';
import { backoffMs } from '../broker/backoff.ts';
import type { Outcome } from '../types/outcome.ts';
import type { RetryDelayed, RetryInPlace } from '../types/types.ts';

/** What the port does after a handler has answered. */
export type Step =
  | { readonly kind: 'advance' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'forward'; readonly delayName: string; readonly cause: ExportError }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError };

/** How a consumer retries, with the names of its delay topics, shortest first. */
export type RetryPolicy = RetryInPlace | (RetryDelayed & { readonly delayNames: readonly string[] });

/** `delivery` is the number of the delivery that ended with this outcome, from 1. */
export function decide(outcome: Outcome, delivery: number, policy: RetryPolicy): Step {
  switch (outcome.kind) {
    case 'done':
    case 'skip':
      return { kind: 'advance' };
    case 'hold':
      return { kind: 'hold', commitBelow: outcome.commitBelow };
    case 'rewind':
      return { kind: 'rewind', to: outcome.to };
    case 'dead-letter':
      return outcome;
    case 'retry':
      return retryStep(outcome.cause, delivery, policy);
  }
}

/**
 * What follows when a handler throws, which it must not. Delayed retries are bounded by the number of delays, since a
 * handler that throws does not decide when to give up.
 */
export function decideThrown(cause: ExportError, delivery: number, policy: RetryPolicy): Step {
  if (!cause.retryable) return { kind: 'dead-letter', cause };
  if (policy.kind === 'delayed' && delivery > policy.delayNames.length) return { kind: 'dead-letter', cause };
  return retryStep(cause, delivery, policy);
}

function retryStep(cause: ExportError, delivery: number, policy: RetryPolicy): Step {
  if (policy.kind === 'in-place') {
    if (delivery >= policy.tries) return { kind: 'dead-letter', cause };
    return { kind: 'again', afterMs: backoffMs(delivery, policy.fromMs, policy.toMs) };
  }
  const delayName = policy.delayNames[Math.min(delivery, policy.delayNames.length) - 1];
  if (delayName === undefined) return { kind: 'dead-letter', cause };
  return { kind: 'forward', delayName, cause };
}
