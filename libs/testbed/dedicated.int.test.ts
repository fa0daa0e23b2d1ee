import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sharedAddresses, startServer, uniqueName, waitFor } from './index.ts';
import type { DedicatedServer, ServerName } from './index.ts';
import {
  kafkaClient,
  mailCount,
  mongoClient,
  redisClient,
  registerSchema,
  s3Client,
  sendMail,
} from './testing/clients.ts';
import { probe } from './probes/probe.ts';

const quiet = { onProgress: () => undefined };

/** Kills the server, checks that it does not answer, and starts it again at the same address. */
async function crash<N extends ServerName>(server: DedicatedServer<N>): Promise<void> {
  const before = { ...server.addresses };
  await server.stop('hard');
  await expect(probe(before)).rejects.toThrow(/ECONNREFUSED|fetch failed/);
  await server.start();
  expect(server.addresses).toEqual(before);
}

describe('a dedicated server that was stopped and started again', () => {
  it('has its topic and the message in it (Kafka)', async () => {
    await using broker = await startServer('kafka', quiet);
    const topic = uniqueName('kept');
    const kafka = kafkaClient(broker.addresses.kafka);
    const admin = kafka.admin();
    const producer = kafka.producer();
    await Promise.all([admin.connect(), producer.connect()]);
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    await producer.send({ topic, acks: -1, messages: [{ value: 'one' }] });
    await crash(broker);
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '1' }]);
    await producer.send({ topic, acks: -1, messages: [{ value: 'two' }] });
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ high: '2' }]);
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  });

  it('has its schema (registry)', async () => {
    await using registry = await startServer('registry', quiet);
    const subject = uniqueName('kept');
    const id = await registerSchema(registry.addresses.registry, subject);
    await crash(registry);
    const response = await fetch(`${registry.addresses.registry.url}/subjects/${subject}/versions/latest`);
    expect(await response.json()).toMatchObject({ subject, id });
  });

  it('has its documents and indexes (MongoDB with a file)', async () => {
    await using mongo = await startServer('mongo', { ...quiet, mongoBackend: 'h2' });
    const before = mongoClient(mongo.addresses.mongo);
    const contacts = before.db('kept').collection<{ name: string }>('contacts');
    await contacts.createIndexes([{ key: { name: 1 }, unique: true }]);
    await contacts.insertOne({ name: 'Siti' });
    await before.close();
    await mongo.stop();
    await mongo.start();
    const after = mongoClient(mongo.addresses.mongo);
    const again = after.db('kept').collection<{ name: string }>('contacts');
    expect(await again.countDocuments()).toBe(1);
    await expect(again.insertOne({ name: 'Siti' })).rejects.toThrow(/duplicate/i);
    await after.close();
  });

  it('has a write that it acknowledged just before it was killed (MongoDB with a file)', async () => {
    await using mongo = await startServer('mongo', { ...quiet, mongoBackend: 'h2' });
    const before = mongoClient(mongo.addresses.mongo);
    const contacts = before.db('kept').collection<{ number: number }>('contacts');
    for (let number = 0; number < 100; number += 1) await contacts.insertOne({ number });
    await mongo.stop('hard');
    await before.close();
    await mongo.start();
    const after = mongoClient(mongo.addresses.mongo);
    expect(await after.db('kept').collection('contacts').countDocuments()).toBe(100);
    await after.close();
  });

  it('has its keys (Redis)', async () => {
    await using server = await startServer('redis', quiet);
    const redis = redisClient(server.addresses.redis);
    redis.on('error', () => undefined); // The client reconnects and reports each attempt.
    await redis.set('kept', 'yes');
    await crash(server);
    expect(await waitFor(() => redis.get('kept'), { limitMs: 5_000, what: 'the client to reconnect' })).toBe(
      'yes',
    );
    redis.disconnect();
  });

  it('has its objects (object storage)', async () => {
    await using server = await startServer('s3', quiet);
    const s3 = s3Client(server.addresses.s3);
    await s3.send(new CreateBucketCommand({ Bucket: 'kept' }));
    await s3.send(new PutObjectCommand({ Bucket: 'kept', Key: 'a', Body: 'bytes' }));
    await crash(server);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'kept', Key: 'a' }));
    expect(await Body?.transformToString()).toBe('bytes');
  });

  it('has its emails (inbox)', async () => {
    await using mail = await startServer('mail', quiet);
    await sendMail(mail.addresses.smtp, 'reader@example.test', 'kept');
    await crash(mail);
    expect(await mailCount(mail.addresses.inbox, 'reader@example.test')).toBe(1);
  });
});

describe('a dedicated server', () => {
  it('is not one of the shared servers', async () => {
    await using redis = await startServer('redis', quiet);
    expect(redis.addresses.redis.url).not.toBe(sharedAddresses().redis.url);
  });

  it('hangs after SIGSTOP and answers again after SIGCONT', async () => {
    await using server = await startServer('redis', quiet);
    const redis = redisClient(server.addresses.redis);
    expect(await redis.ping()).toBe('PONG');
    await server.signal('SIGSTOP');
    let answered = false;
    const ping = redis.ping().then(() => (answered = true));
    // 100 pings of another server take longer than one ping.
    const other = redisClient(sharedAddresses().redis);
    for (let round = 0; round < 100; round += 1) await other.ping();
    expect(answered).toBe(false);
    await server.signal('SIGCONT');
    expect(await ping).toBe(true);
    redis.disconnect();
    other.disconnect();
  });

  it('stops at SIGKILL even while it hangs', async () => {
    await using server = await startServer('redis', quiet);
    await server.signal('SIGSTOP');
    await server.stop('hard');
    await expect(server.signal('SIGCONT')).rejects.toThrow('redis is stopped');
  });

  it('rejects a failed start with the end of its log', async () => {
    await using server = await startServer('redis', quiet);
    await server.stop();
    const port = Number(new URL(server.addresses.redis.url).port);
    await using other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(server.start()).rejects.toThrow(/redis did not start: [^]*address already in use/i);
  });
});
