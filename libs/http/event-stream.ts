import { Readable } from 'node:stream';
import { callerOf, type Caller } from '@waybill/auth';
import { ExportError } from '@waybill/errors';
import pTimeout from 'p-timeout';
import type { HttpContext } from './types.ts';

/** A stream ends after 15 minutes. Its client connects again, with a token that is still valid. */
const maximumMs = 900_000;
/** How long a client waits before it connects again. */
const reconnectMs = 2_000;
/** Proxies close a connection that is silent for 60 s. */
const defaultHeartbeatMs = 15_000;

/** One server-sent event. */
export interface StreamEvent {
  /** Sent back by the client as `Last-Event-ID` when it connects again. */
  readonly id?: string | number;
  readonly event: string;
  /** Written as JSON. */
  readonly data: unknown;
}

/** Limits the event streams that one person has open at this process. */
export interface StreamLimit {
  /**
   * Counts a stream of a person. Returns the function that ends the count.
   * @throws ExportError TOO_MANY_STREAMS
   */
  open(person: Pick<Caller, 'companyId' | 'userId'>): () => void;
}

export function createStreamLimit(maximum: number): StreamLimit {
  const open = new Map<string, number>();
  return {
    open: ({ companyId, userId }) => {
      // The ids contain no spaces.
      const person = `${companyId} ${userId}`;
      const count = open.get(person) ?? 0;
      if (count >= maximum) throw new ExportError('TOO_MANY_STREAMS', { params: { limit: maximum } });
      open.set(person, count + 1);
      return () => {
        const left = (open.get(person) ?? 1) - 1;
        if (left === 0) open.delete(person);
        else open.set(person, left);
      };
    },
  };
}

export interface EventStreamOptions {
  /** Yields the events until the signal is aborted: the client has disconnected, or the stream has to end. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
  /** A stream stays open for minutes and costs a query now and then, so a person may have a few of them only. */
  readonly streamLimit: StreamLimit;
  /** After how much silence a comment is sent; 15 s by default. */
  readonly heartbeatMs?: number;
}

/**
 * Answers with server-sent events (HTML Living Standard §9.2).
 * @throws ExportError TOO_MANY_STREAMS
 */
export function eventStream(ctx: HttpContext, options: EventStreamOptions): void {
  const { events, stopping, streamLimit, heartbeatMs = defaultHeartbeatMs } = options;
  const uncount = streamLimit.open(callerOf(ctx));
  // A client that has disconnected by now closed its response before.
  if (ctx.res.closed) uncount();
  else ctx.res.once('close', uncount);
  const disconnected = new AbortController();
  ctx.res.once('close', () => disconnected.abort());
  const signal = AbortSignal.any([disconnected.signal, stopping, AbortSignal.timeout(maximumMs)]);
  ctx.type = 'text/event-stream';
  // nginx would otherwise keep the events until its buffer is full.
  ctx.set('X-Accel-Buffering', 'no');
  ctx.body = Readable.from(textOf(events(signal), heartbeatMs));
}

/** Returns the id of the last event that the client received; undefined on its first connection. */
export function lastEventId(ctx: HttpContext): string | undefined {
  const id = ctx.get('Last-Event-ID');
  return id === '' ? undefined : id;
}

/** Yields the text of each event, and a comment after each `heartbeatMs` without one. */
export async function* textOf(
  events: AsyncIterable<StreamEvent>,
  heartbeatMs: number,
): AsyncGenerator<string, void> {
  yield `retry: ${reconnectMs}\n\n`;
  const source = events[Symbol.asyncIterator]();
  try {
    let next = source.next();
    for (;;) {
      const result = await pTimeout(next, { milliseconds: heartbeatMs, message: false });
      if (result === undefined) {
        yield ': heartbeat\n\n';
        continue;
      }
      if (result.done === true) return;
      yield encode(result.value);
      next = source.next();
    }
  } finally {
    await source.return?.();
  }
}

function encode({ id, event, data }: StreamEvent): string {
  const line = id === undefined ? '' : `id: ${id}\n`;
  return `${line}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
