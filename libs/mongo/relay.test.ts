import { silentLogger } from '@waybill/observability';
import { describe, expect, it } from 'vitest';
import { createBackgroundRelay, relayOf, type OutboxDocument } from './index.ts';

const logger = silentLogger();

describe('relayOf', () => {
  it('relayOf returns what the outbox returns, and false if the outbox throws', async () => {
    const relay = relayOf({ relay: (id) => Promise.resolve(id === 'job-1') }, logger);
    expect(await relay('job-1')).toBe(true);
    expect(await relay('job-2')).toBe(false);
    const failing = relayOf({ relay: () => Promise.reject(new Error('MongoDB is down')) }, logger);
    expect(await failing('job-1')).toBe(false);
  });
});

describe('createBackgroundRelay', () => {
  const document: OutboxDocument = { _id: 'written', outbox: [], outbox_pending: true };

  it('a background relay publishes at most as many documents at once as its limit, and drain waits for all of them', async () => {
    const published: string[] = [];
    const released = Promise.withResolvers<string>();
    const publish = async (id: string): Promise<boolean> => {
      await released.promise;
      published.push(id);
      return true;
    };
    const outbox = { relay: publish, relayWritten: ({ _id }: OutboxDocument) => publish(_id) };
    const relay = createBackgroundRelay({ outbox, logger, maximumInFlight: 2 });
    relay.relay('first');
    relay.relayWritten(document);
    relay.relay('left to the sweep');
    const drained = relay.drain();
    released.resolve('released');
    await drained;
    expect(published).toEqual(['first', 'written']);
  });

  it('a background relay continues after a publication that fails', async () => {
    const relay = createBackgroundRelay({
      outbox: {
        relay: () => Promise.reject(new Error('MongoDB is down')),
        relayWritten: () => Promise.resolve(false),
      },
      logger,
    });
    relay.relay('failing');
    relay.relayWritten(document);
    await expect(relay.drain()).resolves.toBeUndefined();
  });
});
