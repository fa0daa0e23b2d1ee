import type { Addresses } from '../types.ts';
import { probeHttp } from './http.ts';
import { probeKafka } from './kafka.ts';
import { probeMongo } from './mongo.ts';
import { probeRedis } from './redis.ts';
import { probeSmtp } from './smtp.ts';

/** Asks every server of the addresses something in its own protocol; rejects with the reason of the first that fails. */
export async function probe(addresses: Partial<Addresses>): Promise<void> {
  const { kafka, registry, mongo, redis, s3, smtp, inbox } = addresses;
  await Promise.all([
    kafka && probeKafka(kafka.brokers),
    registry && probeHttp(`${registry.url}/subjects`, 200, '['),
    mongo && probeMongo(mongo.url),
    redis && probeRedis(redis.url),
    // Unsigned, so it must refuse, and in the words of S3.
    s3 && probeHttp(`${s3.endpoint}/`, 403, '<Code>AccessDenied</Code>'),
    smtp && probeSmtp(smtp.url),
    inbox && probeHttp(`${inbox.url}/api/v1/info`, 200, 'Version'),
  ]);
}
