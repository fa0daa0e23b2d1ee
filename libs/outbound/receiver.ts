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
  /** The name of the other system in metrics and errors. */
  readonly name: string;
  /** Where messages are posted. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  readonly metrics: Metrics;
  /** How long one attempt may take, including the body of the answer; 3 s by default. */
  readonly timeoutMs?: number;
  /** Wait before the one retry; 200 ms by default. */
  readonly retryAfterMs?: number;
  /** The number of failures in a row that opens the circuit breaker; 5 by default. */
  readonly breakAfter?: number;
  /** How long the breaker stays open until one call tests the system; 30 s by default. */
  readonly halfOpenAfterMs?: number;
}

/** One message to another system. */
export interface OutboundMessage {
  readonly body: unknown;
  /** Lets the receiver recognise a repetition: a message that timed out may have arrived. */
  readonly idempotencyKey: string;
  readonly traceparent?: string | undefined;
  readonly signal: AbortSignal;
}

/** Another system that accepts messages by POST. */
export interface Receiver {
  /**
   * Resolves once the system has answered 2xx.
   * @throws ExportError RECEIVER_UNAVAILABLE (retryable: no answer in time, 408, 425, 429, 5xx, or the breaker is open) or
   * RECEIVER_REFUSED (any other answer: the same message would be refused again); the reason of an aborted signal.
   */
  post(message: OutboundMessage): Promise<void>;
}

/** Statuses for which a retry can help (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4). */
const passing = new Set([408, 425, 429]);

/** Creates a receiver. It connects with the first call. */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { name } = options;
  const calls = options.metrics.counter(
    'waybill_outbound_calls_total',
    'Messages to other systems by result',
    ['receiver', 'result'],
  );
  const isPassing = handleWhen((error) => error instanceof ExportError && error.retryable);
  const policy = wrap(
    retry(isPassing, { maxAttempts: 1, backoff: new ConstantBackoff(options.retryAfterMs ?? 200) }),
    circuitBreaker(isPassing, {
      halfOpenAfter: options.halfOpenAfterMs ?? 30_000,
      breaker: new ConsecutiveBreaker(options.breakAfter ?? 5),
    }),
  );
  const limit = timeout(options.timeoutMs ?? 3_000, TimeoutStrategy.Aggressive);
  const once = async (message: OutboundMessage, signal: AbortSignal): Promise<void> => {
    try {
      await limit.execute(({ signal: limited }) => send(options, message, limited), signal);
    } catch (error) {
      message.signal.throwIfAborted();
      throw error instanceof ExportError ? error : unavailable(name, error);
    }
  };
  return {
    post: async (message) => {
      try {
        await policy.execute(({ signal }) => once(message, signal), message.signal);
        calls.inc({ receiver: name, result: 'accepted' });
      } catch (error) {
        message.signal.throwIfAborted();
        const cause = error instanceof ExportError ? error : unavailable(name, error);
        calls.inc({ receiver: name, result: resultOf(error) });
        throw cause;
      }
    },
  };
}

function resultOf(error: unknown): string {
  if (error instanceof BrokenCircuitError) return 'not_sent';
  return error instanceof ExportError && !error.retryable ? 'refused' : 'unavailable';
}

async function send(
  { name, url, token }: ReceiverOptions,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<void> {
  const { body, idempotencyKey, traceparent } = message;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(traceparent === undefined ? {} : { traceparent }),
    },
    body: JSON.stringify(body),
    // A redirect would send the token to an address that is not configured.
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
    return 'it failed several times in a row, so nothing is sent for a while';
  }
  if (cause instanceof TaskCancelledError) return 'no answer in time';
  return typeof cause === 'string' ? cause : 'it cannot be reached';
}
