import { silentLogger } from '@waybill/observability';
import { sharedAddresses, startServer, uniqueName } from '@waybill/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { openStore, stored, unlessTaken, type Store } from './index.ts';

interface Thing {
  readonly _id: string;
}

it('says of a write that a unique index refuses that its place was taken, and leaves what is there', async () => {
  const store = open(sharedAddresses().mongo.url);
  const things = store.db.collection<Thing & { readonly by: string }>('things');
  expect(await unlessTaken(things.insertOne({ _id: 'one', by: 'first' }))).toBe(true);
  expect(await unlessTaken(things.insertOne({ _id: 'one', by: 'second' }))).toBe(false);
  expect(await stored(things.findOne({ _id: 'one' }))).toMatchObject({ by: 'first' });
  await store.db.dropDatabase();
});

it('makes anything else that MongoDB refuses a fault of the export, which no retry helps', async () => {
  const store = open(sharedAddresses().mongo.url);
  const failed = { code: 'EXPORT_FAILED' };
  await expect(stored(store.db.command({ noSuchCommand: 1 }))).rejects.toMatchObject(failed);
  await expect(unlessTaken(store.db.command({ noSuchCommand: 1 }))).rejects.toMatchObject(failed);
});

it('makes of a MongoDB that is away an error that a later try may help', async () => {
  await using mongo = await startServer('mongo');
  const store = open(mongo.addresses.mongo.url);
  await store.ping();
  await mongo.stop('hard');
  const things = store.db.collection<Thing>('things');
  const unavailable = { code: 'SERVICE_UNAVAILABLE', retryable: true };
  await expect(stored(things.findOne({ _id: 'one' }))).rejects.toMatchObject(unavailable);
  await expect(unlessTaken(things.insertOne({ _id: 'one' }))).rejects.toMatchObject(unavailable);
});

function open(url: string): Store {
  const store = openStore({ url, database: uniqueName('stored'), logger: silentLogger() });
  onTestFinished(() => store.close());
  return store;
}
