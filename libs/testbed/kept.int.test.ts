import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startStack } from './index.ts';
import { kafkaClient, mongoClient } from './testing/clients.ts';

let dataDirectory: string;
beforeAll(async () => void (dataDirectory = await mkdtemp(join(tmpdir(), 'waybill-kept-'))));
afterAll(() => rm(dataDirectory, { recursive: true, force: true }));

/** Starts a native stack with the kept data and without the shared servers. */
const start = () =>
  startStack({
    servers: ['kafka', 'mongo'],
    mode: 'native',
    dataDirectory,
    environment: {},
    onProgress: () => undefined,
  });

it('startStack with a dataDirectory finds the data of the previous stack, on other ports', async () => {
  const first = await start();
  const before = kafkaClient(first.addresses.kafka).admin();
  await before.connect();
  await before.createTopics({ topics: [{ topic: 'kept', numPartitions: 2 }] });
  await before.disconnect();
  const writing = mongoClient(first.addresses.mongo);
  await writing.db('kept').collection('contacts').insertOne({ name: 'Siti' });
  await writing.close();
  await first.stop();
  expect(existsSync(join(dataDirectory, 'kafka'))).toBe(true);

  await using second = await start();
  expect(second.addresses.kafka).not.toEqual(first.addresses.kafka);
  const after = kafkaClient(second.addresses.kafka).admin();
  await after.connect();
  expect(await after.listTopics()).toEqual(['kept']);
  await after.disconnect();
  const reading = mongoClient(second.addresses.mongo);
  expect(await reading.db('kept').collection('contacts').countDocuments({ name: 'Siti' })).toBe(1);
  await reading.close();
});
