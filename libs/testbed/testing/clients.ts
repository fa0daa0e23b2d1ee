/** The client libraries of the services, for the tests of this package. */
import { S3Client } from '@aws-sdk/client-s3';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';
import { createTransport } from 'nodemailer';
import type { Addresses } from '../index.ts';

export function kafkaClient({ brokers }: Addresses['kafka']): Kafka {
  return new Kafka({
    clientId: 'testbed',
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 10 },
  });
}

export function mongoClient({ url }: Addresses['mongo']): MongoClient {
  return new MongoClient(url, { serverSelectionTimeoutMS: 5_000 });
}

export function redisClient({ url }: Addresses['redis']): Redis {
  return new Redis(url, { maxRetriesPerRequest: 1 });
}

export function s3Client({ endpoint, region, accessKeyId, secretAccessKey }: Addresses['s3']): S3Client {
  return new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
}

export async function sendMail({ url }: Addresses['smtp'], to: string, subject: string): Promise<void> {
  const transport = createTransport(url);
  try {
    await transport.sendMail({ from: 'waybill@example.test', to, subject, text: 'A file is ready.' });
  } finally {
    transport.close();
  }
}

/** Returns the number of emails to a recipient. */
export async function mailCount({ url }: Addresses['inbox'], to: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/search?query=${encodeURIComponent(`to:"${to}"`)}`);
  // A field of mailpit's documented answer (api/v1/search).
  const { messages_count: count } = (await response.json()) as { messages_count: number };
  return count;
}

/** Registers a schema under a subject and returns its id. */
export async function registerSchema({ url }: Addresses['registry'], subject: string): Promise<number> {
  const schema = JSON.stringify({ type: 'record', name: 'Probe', fields: [{ name: 'id', type: 'string' }] });
  const response = await fetch(`${url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema }),
  });
  // A field of the answer of Confluent's API.
  const { id } = (await response.json()) as { id: number };
  return id;
}
