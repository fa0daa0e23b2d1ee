import { createMetrics } from '@waybill/observability';
import { waitFor } from '@waybill/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReceiver, type ReceiverOptions } from './index.ts';
import { MoodyServer } from '@waybill/testbed';

let server: MoodyServer;

beforeEach(async () => {
  server = await MoodyServer.start();
});
afterEach(() => server[Symbol.asyncDispose]());

function receiverOf(changes: Partial<ReceiverOptions> = {}) {
  const receiver = createReceiver({
    name: 'bell',
    url: `${server.url}/notif/v1/notifications`,
    metrics: createMetrics('test', { processMetrics: false }),
    timeoutMs: 150,
    retryAfterMs: 10,
    halfOpenAfterMs: 200,
    ...changes,
  });
  return (key = 'key', signal: AbortSignal = new AbortController().signal) =>
    receiver.post({ body: { hello: 'world' }, idempotencyKey: key, signal });
}

describe('a message to another system', () => {
  it('a message arrives as JSON with its key and the token', async () => {
    await receiverOf({ token: 'secret' })('key-1');
    expect(server.received).toMatchObject([
      {
        path: '/notif/v1/notifications',
        headers: { 'idempotency-key': 'key-1', authorization: 'Bearer secret' },
        body: { hello: 'world' },
      },
    ]);
  });

  it('a message is sent again after a failure, under the same key [R8]', async () => {
    server.mood = { kind: 'answer', status: 503 };
    const sending = receiverOf()('key-2');
    await waitFor(() => server.received.length === 1, { limitMs: 2_000, everyMs: 1, what: 'the first try' });
    server.mood = { kind: 'answer', status: 202 };
    await sending;
    expect(server.received.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-2', 'key-2']);
  });

  it('sending fails in time if the system does not answer or closes the connection', async () => {
    for (const kind of ['hang', 'hang-up'] as const) {
      server.mood = { kind };
      await expect(receiverOf()()).rejects.toMatchObject({ code: 'RECEIVER_UNAVAILABLE', retryable: true });
    }
    expect(server.received).toHaveLength(4);
  });

  it('a message is not sent again after the system rejects it', async () => {
    server.mood = { kind: 'answer', status: 422 };
    await expect(receiverOf()()).rejects.toMatchObject({ code: 'RECEIVER_REFUSED', retryable: false });
    expect(server.received).toHaveLength(1);
  });

  it('a message is not sent on to the address of a redirect', async () => {
    server.mood = { kind: 'answer', status: 302 };
    await expect(receiverOf()()).rejects.toMatchObject({ code: 'RECEIVER_REFUSED' });
  });

  it('sending stops when the signal of the surrounding work is aborted', async () => {
    server.mood = { kind: 'hang' };
    const stopping = new AbortController();
    const sending = receiverOf({ timeoutMs: 10_000 })('key', stopping.signal);
    await waitFor(() => server.received.length === 1, { limitMs: 2_000, what: 'the request' });
    stopping.abort(new Error('stopping'));
    await expect(sending).rejects.toThrow('stopping');
  });
});

describe('a system that keeps failing', () => {
  it('a system gets no messages after five failures in a row, and gets them again after it recovers [R8]', async () => {
    server.mood = { kind: 'answer', status: 500 };
    const post = receiverOf();
    for (let index = 0; index < 3; index += 1) {
      await expect(post()).rejects.toMatchObject({ code: 'RECEIVER_UNAVAILABLE' });
    }
    expect(server.received).toHaveLength(5);
    await expect(post()).rejects.toThrow('nothing is sent for a while');
    expect(server.received).toHaveLength(5);

    server.mood = { kind: 'answer', status: 200 };
    await waitFor(
      async () => {
        await post();
        return true;
      },
      { limitMs: 5_000, what: 'the breaker to close' },
    );
    await post();
    expect(server.received).toHaveLength(7);
  });

  it('a system that rejects messages is not treated as unavailable', async () => {
    server.mood = { kind: 'answer', status: 400 };
    const post = receiverOf();
    for (let index = 0; index < 8; index += 1) {
      await expect(post()).rejects.toMatchObject({ code: 'RECEIVER_REFUSED' });
    }
    expect(server.received).toHaveLength(8);
  });
});
