import type { ExportError } from '@waybill/errors';
import { backoffMs } from '../broker/backoff.ts';
import type { Outcome } from '../types/outcome.ts';
import type { RetryDelayed, RetryInPlace } from '../types/consumer.ts';

/** What the port does after a handler has returned. */
export type Step =
  | { readonly kind: 'advance' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'forward'; readonly delayName: string; readonly cause: ExportError }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError };

/** How a consumer retries, with the names of its delay topics, shortest first. */
export type RetryPolicy = RetryInPlace | (RetryDelayed & { readonly delayNames: readonly string[] });

/** Returns the step that follows an outcome. `tries` counts the try that ended with this outcome, from 1. */
export function decide(outcome: Outcome, tries: number, policy: RetryPolicy): Step {
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
      return retryStep(outcome.cause, tries, policy);
  }
}

/**
 * Returns the step after a handler threw, which it must not do. Delayed retries are limited to the number of delays, since
 * a handler that throws does not decide when to give up.
 */
export function decideThrown(cause: ExportError, tries: number, policy: RetryPolicy): Step {
  if (!cause.retryable) return { kind: 'dead-letter', cause };
  if (policy.kind === 'delayed' && tries > policy.delayNames.length) return { kind: 'dead-letter', cause };
  return retryStep(cause, tries, policy);
}

function retryStep(cause: ExportError, tries: number, policy: RetryPolicy): Step {
  if (policy.kind === 'in-place') {
    if (tries >= policy.tries) return { kind: 'dead-letter', cause };
    return { kind: 'again', afterMs: backoffMs(tries, policy.fromMs, policy.toMs) };
  }
  const delayName = policy.delayNames[Math.min(tries, policy.delayNames.length) - 1];
  if (delayName === undefined) return { kind: 'dead-letter', cause };
  return { kind: 'forward', delayName, cause };
}
