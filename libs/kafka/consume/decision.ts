import type { ExportError } from '@waybill/errors';
import { backoffMs } from '../broker/backoff.ts';
import type { Outcome } from '../types/outcome.ts';
import type { RetryDelayed, RetryInPlace } from '../types/consumer.ts';

/** What the port does after a handler has returned. */
export type Step =
  | { readonly kind: 'advance' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint; readonly cause?: ExportError }
  /** The partition waits for a server that is away, then tries again; this is never counted. */
  | { readonly kind: 'wait'; readonly cause: ExportError }
  /** A fault of the message, which is tried again a few times. */
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'forward'; readonly delayName: string; readonly cause: ExportError }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError };

/** Tries of one message, including the one that has just ended. */
export interface Tries {
  readonly all: number;
  /** Those that ended with a fault of the message: not with a retryable cause. */
  readonly faults: number;
}

/** How a consumer retries, with the names of its delay topics, shortest first. */
export type RetryPolicy = RetryInPlace | (RetryDelayed & { readonly delayNames: readonly string[] });

/** Returns the step that follows an outcome. */
export function decide(outcome: Outcome, tries: Tries, policy: RetryPolicy): Step {
  switch (outcome.kind) {
    case 'done':
    case 'skip':
      return { kind: 'advance' };
    case 'hold':
    case 'rewind':
    case 'dead-letter':
      return outcome;
    case 'retry':
      return policy.kind === 'in-place'
        ? retryInPlace(outcome.cause, tries, policy)
        : retryDelayed(outcome.cause, tries, policy.delayNames);
  }
}

/** Returns whether a try ended with a fault of the message, which counts. */
export function isFault(outcome: Outcome): boolean {
  return outcome.kind === 'retry' && !outcome.cause.retryable;
}

function retryInPlace(cause: ExportError, { faults }: Tries, { tries, fromMs, toMs }: RetryInPlace): Step {
  if (cause.retryable) return { kind: 'wait', cause };
  if (faults >= tries) return { kind: 'dead-letter', cause };
  return { kind: 'again', afterMs: backoffMs(faults, fromMs, toMs) };
}

function retryDelayed(cause: ExportError, { all }: Tries, delayNames: readonly string[]): Step {
  const delayName = delayNames[Math.min(all, delayNames.length) - 1];
  if (delayName === undefined) return { kind: 'dead-letter', cause };
  if (!cause.retryable && all > delayNames.length) return { kind: 'dead-letter', cause };
  return { kind: 'forward', delayName, cause };
}
