import { ExportError } from '@waybill/errors';
import type { Metrics } from '@waybill/observability';
import {
  BrokenCircuitError,
  circuitBreaker,
  ConsecutiveBreaker,
  ConstantBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel';

export interface ReceiverOptions {
  /** Names the other system in metrics and errors. */
  readonly name: string;
  /** Where it takes its messages. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly metrics: Metrics;
  /** How long one try may take, the body of the answer included; 3 s by default. */
  readonly timeoutMs?: number;
  /** Wait before the one retry; 200 ms by default. */
  readonly retryAfterMs?: number;
  /** After so many failures in a row nothing is sent for a while; 5 by default. */
  readonly breakAfter?: number;
  /** After this long one call finds out whether the system is back; 30 s by default. */
  readonly halfOpenAfterMs?: number;
}

/** One message on its way. */
export interface Delivery {
  readonly body: unknown;
  /** The receiver knows a repetition by it: what timed out may have arrived. */
  readonly idempotencyKey: string;
  readonly traceparent?: string | undefined;
  readonly signal: AbortSignal;
}

/** Another system that takes messages by POST. */
export interface Receiver {
  /**
   * Resolves once the system has answered 2xx. @throws ExportError RECEIVER_UNAVAILABLE (retryable: no answer in time,
   * 408, 425, 429, 5xx, or the breaker is open), RECEIVER_REFUSED (any other answer: the same message would be refused
   * again); what aborted the signal.
   */
  post(delivery: Delivery): Promise<void>;
}

/** Answers that a later try may change (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4). */
const passing = new Set([408, 425, 429]);

/** Nothing is connected before the first call. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { name } = options;
  const calls = options.metrics.counter('outbound_calls_total', 'Messages to other systems by result', [
    'receiver',
    'result',
  ]);
  const isPassing = handleWhen((error) => error instanceof ExportError && error.retryable);
  const policy = wrap(
    retry(isPassing, { maxAttempts: 1, backoff: new ConstantBackoff(options.retryAfterMs ?? 200) }),
    circuitBreaker(isPassing, {
      halfOpenAfter: options.halfOpenAfterMs ?? 30_000,
      breaker: new ConsecutiveBreaker(options.breakAfter ?? 5),
    }),
  );
  const limit = timeout(options.timeoutMs ?? 3_000, TimeoutStrategy.Aggressive);
  const once = async (delivery: Delivery, signal: AbortSignal): Promise<void> => {
    try {
      await limit.execute(({ signal: limited }) => send(options, delivery, limited), signal);
    } catch (error) {
      delivery.signal.throwIfAborted();
      throw error instanceof ExportError ? error : unavailable(name, error);
    }
  };
  return {
    post: async (delivery) => {
      try {
        await policy.execute(({ signal }) => once(delivery, signal), delivery.signal);
        calls.inc({ receiver: name, result: 'accepted' });
      } catch (error) {
        delivery.signal.throwIfAborted();
        const cause = error instanceof ExportError ? error : unavailable(name, error);
        calls.inc({ receiver: name, result: resultOf(error) });
        throw cause;
      }
    },
  };
}

function resultOf(error: unknown): string {
  if (error instanceof BrokenCircuitError) return 'held back';
  return error instanceof ExportError && !error.retryable ? 'refused' : 'unavailable';
}

async function send(
  { name, url, token }: ReceiverOptions,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<void> {
  const { body, idempotencyKey, traceparent } = delivery;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    body: JSON.stringify(body),
    // A redirect would take the token to an address that nobody has set.
    redirect: 'manual',
    signal,
  });
  // Read to the end, so that the connection can be used again.
  await response.arrayBuffer();
  if (response.ok) return;
  if (response.status >= 500 || passing.has(response.status)) {
    throw unavailable(name, `status ${response.status}`);
  }
  throw new ExportError('RECEIVER_REFUSED', { params: { receiver: name, status: response.status } });
}

function unavailable(receiver: string, cause: unknown): ExportError {
  return new ExportError('RECEIVER_UNAVAILABLE', { params: { receiver, reason: reasonOf(cause) }, cause });
}

function reasonOf(cause: unknown): string {
  if (cause instanceof BrokenCircuitError) {
    return 'it failed several times in a row and is left alone for a while';
  }
  if (cause instanceof TaskCancelledError) return 'no answer in time';
  return typeof cause === 'string' ? cause : 'it cannot be reached';
}
