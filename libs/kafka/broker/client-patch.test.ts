import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

interface RequestQueue {
  maybeThrottle(ms: number): void;
  push(request: { entry: { correlationId: number }; expectResponse: boolean; sendRequest: () => void }): void;
  checkPendingRequests(): void;
}

// A file of kafkajs that has no types; it is what patches/kafkajs+2.2.4.patch changes.
const requestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (
  options: object,
) => RequestQueue;

function newQueue(): RequestQueue {
  const logger = { debug: () => undefined, warn: () => undefined };
  return new requestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    clientId: 'c',
    broker: 'b',
    logger,
  });
}

function request(correlationId: number, sent: number[]) {
  const sendRequest = () => void sent.push(correlationId);
  return {
    entry: { correlationId, apiName: 'Test', apiKey: 0, apiVersion: 0 },
    expectResponse: true,
    sendRequest,
  };
}

describe('the patched request queue of kafkajs', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('sets no timer while no request waits and nothing is throttled', () => {
    const queue = newQueue();
    queue.checkPendingRequests();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends held requests when the throttling ends, and is idle after that', () => {
    const queue = newQueue();
    const sent: number[] = [];
    queue.maybeThrottle(500);
    queue.push(request(1, sent));
    vi.advanceTimersByTime(400);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(200);
    expect(sent).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
