import { silentLogger } from '@waybill/observability';
import { sharedAddresses, startServer, uniqueName } from '@waybill/testbed';
import { expect, it, onTestFinished } from 'vitest';
import { openStore, stored, unlessTaken, type Store } from './index.ts';

interface Thing {
  readonly _id: string;
}

it('unlessTaken returns false for a write that a unique index rejects, and the stored document is unchanged', async () => {
  const store = open(sharedAddresses().mongo.url);
  const things = store.db.collection<Thing & { readonly by: string }>('things');
  expect(await unlessTaken(things.insertOne({ _id: 'one', by: 'first' }))).toBe(true);
  expect(await unlessTaken(things.insertOne({ _id: 'one', by: 'second' }))).toBe(false);
  expect(await stored(things.findOne({ _id: 'one' }))).toMatchObject({ by: 'first' });
  await store.db.dropDatabase();
});

it('any other rejection by MongoDB becomes EXPORT_FAILED', async () => {
  const store = open(sharedAddresses().mongo.url);
  const failed = { code: 'EXPORT_FAILED' };
  await expect(stored(store.db.command({ noSuchCommand: 1 }))).rejects.toMatchObject(failed);
  await expect(unlessTaken(store.db.command({ noSuchCommand: 1 }))).rejects.toMatchObject(failed);
});

it('an operation on an unavailable MongoDB fails with a retryable SERVICE_UNAVAILABLE', async () => {
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
