import type { ExportError } from '@waybill/errors';

/** What a handler decides about one message. Handlers return it and never throw. */
export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'retry'; readonly cause: ExportError }
  | { readonly kind: 'dead-letter'; readonly cause: ExportError }
  | { readonly kind: 'hold'; readonly commitBelow: bigint }
  | { readonly kind: 'rewind'; readonly to: bigint };

/** The message is handled. */
export function done(): Outcome {
  return { kind: 'done' };
}

/** There is nothing to do for this message; the reason (a constant) is logged and counted. */
export function skip(reason: string): Outcome {
  return { kind: 'skip', reason };
}

/** It may work later: the port retries in place or through the delay topics, as the consumer's options say. */
export function retry(cause: ExportError): Outcome {
  return { kind: 'retry', cause };
}

/** It will never work: the original bytes go to the dead-letter topic with the cause, and the partition goes on. */
export function deadLetter(cause: ExportError): Outcome {
  return { kind: 'dead-letter', cause };
}

/**
 * Handled, but the work that the partition's messages from `commitBelow` on belong to is still open: the group's
 * offset moves to `commitBelow` and not beyond, whatever later messages of the partition end as (done, skip, dead
 * letter), until the handler names a later boundary. A boundary above the message's own offset means that nothing is
 * open. A restart reads again from the boundary.
 */
export function hold(commitBelow: bigint): Outcome {
  return { kind: 'hold', commitBelow };
}

/** Read the partition again from this offset; nothing is committed for the message. */
export function rewind(to: bigint): Outcome {
  return { kind: 'rewind', to };
}
