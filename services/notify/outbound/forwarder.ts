import { asExportError } from '@waybill/errors';
import {
  deadLetter,
  done,
  retry,
  skip,
  type HandlerContext,
  type MessageOf,
  type Outcome,
} from '@waybill/kafka';
import type { Receiver } from '@waybill/outbound';
import type { ExportActivity } from '@waybill/schemas';

/** A product event for another system, without its sealed part. */
export interface ProductEvent extends Pick<
  ExportActivity,
  'name' | 'company_id' | 'job_id' | 'user_id' | 'attributes'
> {
  /** Equal for repeats of the same event. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Port to the product's own analytics. */
export interface ProductEventForwarder {
  /** @throws ExportError RECEIVER_UNAVAILABLE, RECEIVER_REFUSED. */
  forward(event: ProductEvent, options: { readonly signal: AbortSignal }): Promise<void>;
}

export function createHttpForwarder(receiver: Receiver): ProductEventForwarder {
  return {
    forward: (event, { signal }) => receiver.post({ body: event, idempotencyKey: event.id, signal }),
  };
}

export interface ForwardingDeps {
  readonly forwarder: ProductEventForwarder;
  /** Older events are skipped, so that a replay of the topic forwards nothing. */
  readonly maxEventAgeMs: number;
  readonly now: () => Date;
}

/** Forwards one product event. While the other system cannot accept it, its partition waits. */
export function createForwardingHandler({ forwarder, maxEventAgeMs, now }: ForwardingDeps) {
  return async (
    { id, event }: MessageOf<'export.activity'>,
    { signal }: HandlerContext,
  ): Promise<Outcome> => {
    if (now().getTime() - event.at > maxEventAgeMs) return skip('the event is too old');
    const { name, company_id, job_id, user_id, attributes } = event;
    try {
      const at = new Date(event.at).toISOString();
      await forwarder.forward({ id, name, company_id, job_id, user_id, attributes, at }, { signal });
      return done();
    } catch (error) {
      const cause = asExportError(error, 'RECEIVER_UNAVAILABLE');
      return cause.retryable ? retry(cause) : deadLetter(cause);
    }
  };
}
