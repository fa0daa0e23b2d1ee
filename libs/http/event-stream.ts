import { Readable } from 'node:stream';
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

export interface EventStreamOptions {
  /** Yields the events until the signal is aborted: the client has disconnected, or the stream has to end. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
  /** After how much silence a comment is sent; 15 s by default. */
  readonly heartbeatMs?: number;
}

/** Answers with server-sent events (HTML Living Standard §9.2). */
export function eventStream(ctx: HttpContext, options: EventStreamOptions): void {
  const { events, stopping, heartbeatMs = defaultHeartbeatMs } = options;
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
