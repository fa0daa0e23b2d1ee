import { startServer, waitFor, type DedicatedServer } from '@waybill/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.ts';

let mongo: DedicatedServer<'mongo'>;
let harness: Harness;

beforeAll(async () => {
  mongo = await startServer('mongo', { mongoBackend: 'h2' });
  harness = await Harness.open({}, { mongo: mongo.addresses.mongo });
  await harness.start();
});
afterAll(async () => {
  await harness[Symbol.asyncDispose]();
  await mongo.discard();
});

describe('history without MongoDB', () => {
  it('redirects to no file that it cannot audit, and stores the events of the outage when MongoDB is back', async () => {
    const ani = await harness.person();
    const known = await harness.exported(ani);
    await harness.register(known);
    const missed = await harness.exported(ani);
    await mongo.stop('soft');

    const click = await harness.request(`/${known.job_id}/download`, ani);
    expect(click.status).toBe(503);
    expect(click.headers.get('location')).toBeNull();
    expect((await harness.request('', ani)).status).toBe(503);
    await harness.publish(missed);

    await mongo.start();
    await waitFor(() => harness.collections.entries.findOne({ _id: missed.job_id }), {
      limitMs: 40_000,
      what: 'the entry of the missed event',
    });
    expect((await harness.request(`/${known.job_id}/download`, ani)).status).toBe(302);
    await waitFor(
      () =>
        harness.activities.filter(
          ({ job_id, name }) => job_id === missed.job_id && name === 'cdp_export_history_registered',
        ).length === 1,
      { limitMs: 20_000, what: 'the product event' },
    );
  });
});
