import { silentLogger } from '@waybill/observability';
import { expect, it } from 'vitest';
import { relayOf } from './index.ts';

it('says what the outbox says, and leaves to the sweep what it could not even look at', async () => {
  const emptied = relayOf({ relay: (id) => Promise.resolve(id === 'job-1') }, silentLogger());
  expect(await emptied('job-1')).toBe(true);
  expect(await emptied('job-2')).toBe(false);
  const away = relayOf({ relay: () => Promise.reject(new Error('MongoDB is away')) }, silentLogger());
  expect(await away('job-1')).toBe(false);
});
