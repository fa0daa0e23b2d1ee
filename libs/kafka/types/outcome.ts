import type { ExportError } from '@waybill/errors';

/** What a handler decides about one message. Handlers return it and never throw. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'retry'; readonly cause: ExportError }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint; readonly cause?: ExportError };

/** Reports that the message is handled. */
export function done(): Outcome {
  return { kind: 'done' };
}

/** Reports that the message needs no work. The reason (a constant) is logged. */
export function skip(reason: string): Outcome {
  return { kind: 'skip', reason };
}

/**
 * Asks for a retry. In place, a retryable cause makes the partition wait, with back-off, for as long as it takes: a server
 * is away, and that is not the message's fault. Any other cause is counted, and the message is dead-lettered after the
 * last try of the consumer's options.
 */
export function retry(cause: ExportError): Outcome {
  return { kind: 'retry', cause };
}

/** Reports that no retry can help: the original bytes are sent to the dead-letter topic with the cause. */
export function deadLetter(cause: ExportError): Outcome {
  return { kind: 'dead-letter', cause };
}

/**
 * Reports that the message is handled, but that the work of the partition's messages from `commitBelow` on is still open.
 * The group's offset moves to `commitBelow` and no further, whichever outcomes later messages have (done, skip, dead
 * letter), until the handler returns a later boundary. A boundary above the message's own offset means that no work is
 * open. A restart reads again from the boundary.
 */
export function hold(commitBelow: bigint): Outcome {
  return { kind: 'hold', commitBelow };
}

/**
 * Asks to read the partition again from this offset; the message is not committed. With a cause the partition first
 * waits, as after a retry with that cause: reading again from an earlier offset does not shorten the next wait.
 */
export function rewind(to: bigint, cause?: ExportError): Outcome {
  return { kind: 'rewind', to, ...(cause === undefined ? {} : { cause }) };
}
