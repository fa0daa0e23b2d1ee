import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, it } from 'vitest';
import { sharedAddresses, uniqueName } from './index.ts';
import {
  kafkaClient,
  mailCount,
  mongoClient,
  redisClient,
  registerSchema,
  s3Client,
  sendMail,
} from './testing/clients.ts';

const addresses = sharedAddresses();
const MIB = 1024 * 1024;

describe('the shared servers', () => {
  it('store a message in Kafka, and create no topic for a message to an unknown one', async () => {
    const kafka = kafkaClient(addresses.kafka);
    const topic = uniqueName('testbed');
    const admin = kafka.admin();
    const producer = kafka.producer({ retry: { retries: 1 } });
    await Promise.all([admin.connect(), producer.connect()]);
    try {
      await admin.createTopics({ topics: [{ topic, numPartitions: 3 }] });
      await producer.send({ topic, messages: [{ key: 'k', value: Buffer.alloc(2 * MIB) }] });
      const offsets = await admin.fetchTopicOffsets(topic);
      expect(offsets).toHaveLength(3);
      expect(offsets.map(({ high }) => Number(high)).sort()).toEqual([0, 0, 1]);
      const unknown = uniqueName('unknown');
      await expect(producer.send({ topic: unknown, messages: [{ value: 'x' }] })).rejects.toThrow();
      expect(await admin.listTopics()).not.toContain(unknown);
    } finally {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    }
  });

  it('register a schema in the registry and return it by its id', async () => {
    const id = await registerSchema(addresses.registry, uniqueName('testbed'));
    const response = await fetch(`${addresses.registry.url}/schemas/ids/${String(id)}`);
    expect(await response.json()).toMatchObject({ schema: expect.stringContaining('Probe') as unknown });
  });

  it('enforce a unique index in MongoDB and update by compare-and-set', async () => {
    const client = mongoClient(addresses.mongo);
    try {
      const jobs = client
        .db(uniqueName('testbed'))
        .collection<{ _id: string; key: string; epoch: number }>('jobs');
      await jobs.createIndexes([{ key: { key: 1 }, unique: true }]);
      await jobs.insertOne({ _id: 'a', key: 'one', epoch: 1 });
      await expect(jobs.insertOne({ _id: 'b', key: 'one', epoch: 1 })).rejects.toThrow(/duplicate/i);
      const claim = () => jobs.findOneAndUpdate({ _id: 'a', epoch: 1 }, { $inc: { epoch: 1 } });
      expect(await claim()).not.toBeNull();
      expect(await claim()).toBeNull();
    } finally {
      await client.close();
    }
  });

  it('set a key with a time to live in Redis', async () => {
    const redis = redisClient(addresses.redis);
    try {
      const key = uniqueName('testbed');
      expect(await redis.set(key, '1', 'EX', 60, 'NX')).toBe('OK');
      expect(await redis.set(key, '2', 'EX', 60, 'NX')).toBeNull();
      expect(await redis.ttl(key)).toBeGreaterThan(0);
    } finally {
      redis.disconnect();
    }
  });

  it('show an email that was sent over SMTP in the inbox', async () => {
    const to = `${uniqueName('reader')}@example.test`;
    await sendMail(addresses.smtp, to, 'Your export');
    expect(await mailCount(addresses.inbox, to)).toBe(1);
  });
});

describe('the shared object storage', () => {
  const s3 = s3Client(addresses.s3);
  const multipart = async (Bucket: string, Key: string) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const uploaded = [];
    for (const [index, size] of [5 * MIB, 1_000].entries()) {
      const PartNumber = index + 1;
      const Body = Buffer.alloc(size, PartNumber);
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      uploaded.push({ PartNumber, ETag });
    }
    return new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: uploaded },
      IfNoneMatch: '*',
    });
  };

  it('completes a multipart upload once, and rejects a second one for the same key', async () => {
    const Bucket = uniqueName('testbed');
    const Key = 'private/exports/a/file.csv';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const [first, second] = [await multipart(Bucket, Key), await multipart(Bucket, Key)];
    await s3.send(first);
    await expect(s3.send(second)).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head.ContentLength).toBe(5 * MIB + 1_000);
  });

  it('lists an open upload until it is aborted', async () => {
    const Bucket = uniqueName('testbed');
    const Key = 'open.xlsx';
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const uploads = async () => (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? [];
    expect(await uploads()).toMatchObject([{ Key, UploadId }]);
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await uploads()).toEqual([]);
  });

  it('serves a signed URL under the file name that it contains, and rejects a changed one', async () => {
    const Bucket = uniqueName('testbed');
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Metadata = { job: 'j-1' };
    await s3.send(
      new PutObjectCommand({ Bucket, Key: 'a.csv', Body: 'id\n1\n', ContentType: 'text/csv', Metadata }),
    );
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'a.csv' }));
    expect(head).toMatchObject({ ContentType: 'text/csv', Metadata });
    const ResponseContentDisposition = 'attachment; filename="contacts.csv"';
    const get = new GetObjectCommand({ Bucket, Key: 'a.csv', ResponseContentDisposition });
    const url = await getSignedUrl(s3, get, { expiresIn: 60 });
    const good = await fetch(url, { headers: { range: 'bytes=3-3' } });
    expect(good.status).toBe(206);
    expect(await good.text()).toBe('1');
    expect(good.headers.get('content-disposition')).toBe(ResponseContentDisposition);
    expect((await fetch(url.replace('contacts', 'other'))).status).toBe(403);
  });
});
