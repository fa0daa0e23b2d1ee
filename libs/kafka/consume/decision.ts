import type { ExportError } from '@waybill/errors';
import { backoffMs } from '../broker/backoff.ts';
import type { Outcome } from '../types/outcome.ts';
import type { RetryInPlace } from '../types/consumer.ts';

/** What the port does after a handler has returned. */
export type Step =
  | { readonly kind: 'advance' }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint; readonly cause?: ExportError }
  /** The partition waits for a server that is away, then tries again; this is never counted. */
  | { readonly kind: 'wait'; readonly cause: ExportError }
  /** A fault of the message, which is tried again a few times. */
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError };

/** Returns the step that follows an outcome. `faults`: the tries that ended with a fault of the message, with this one. */
export function decide(outcome: Outcome, faults: number, policy: RetryInPlace): Step {
  switch (outcome.kind) {
    case 'done':
    case 'skip':
      return { kind: 'advance' };
    case 'hold':
    case 'rewind':
    case 'dead-letter':
      return outcome;
    case 'retry':
      return retryStep(outcome.cause, faults, policy);
  }
}

/** Returns whether a try ended with a fault of the message, which counts. */
export function isFault(outcome: Outcome): boolean {
  return outcome.kind === 'retry' && !outcome.cause.retryable;
}

function retryStep(cause: ExportError, faults: number, { tries, fromMs, toMs }: RetryInPlace): Step {
  if (cause.retryable) return { kind: 'wait', cause };
  if (faults >= tries) return { kind: 'dead-letter', cause };
  return { kind: 'again', afterMs: backoffMs(faults, fromMs, toMs) };
}
