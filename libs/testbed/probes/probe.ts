import { endpointOf, exchange } from './socket.ts';
import type { Addresses } from '../types.ts';

const LIMIT_MS = 2_000;

/**
 * Requests a page and checks its status and that its text contains the mark.
 *
 * @throws Error with the actual status if one differs.
 */
export async function probeHttp(url: string, status: number, mark: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: 'manual' });
  const text = await response.text();
  if (response.status !== status || !text.includes(mark)) {
    throw new Error(`${url} answers ${String(response.status)}, expected ${String(status)} with ${mark}`);
  }
}

/** Returns a metadata request of version 1 without topics (Kafka protocol guide: API key 3). */
function metadataRequest(): Buffer {
  const clientId = Buffer.from('waybill-probe');
  const body = Buffer.alloc(14 + clientId.length);
  body.writeInt16BE(3, 0);
  body.writeInt16BE(1, 2);
  body.writeInt32BE(1, 4); // Correlation id.
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  body.writeInt32BE(0, 10 + clientId.length); // Topics: an empty array.
  const frame = Buffer.alloc(4);
  frame.writeInt32BE(body.length);
  return Buffer.concat([frame, body]);
}

/** Returns the number of brokers in a metadata response, or undefined if the response is incomplete. */
export function brokerCount(received: Buffer): number | undefined {
  if (received.length < 4) return undefined;
  const length = received.readInt32BE(0);
  // Size and correlation id, then the array of brokers, which starts with its length.
  return received.length < 4 + length ? undefined : received.readInt32BE(8);
}

/** Resolves if the broker answers and is part of its cluster, so that topics can be created. */
export async function probeKafka(brokers: string): Promise<void> {
  const count = await exchange(endpointOf(brokers), metadataRequest(), brokerCount);
  if (count < 1) throw new Error('the broker answers, but has not joined its cluster yet');
}

const OP_MSG = 2013;

/** Returns the BSON of `{ping: 1, $db: "admin"}`. */
function ping(): Buffer {
  const fields = Buffer.concat([
    Buffer.from('\x10ping\0', 'latin1'),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from('\x02$db\0', 'latin1'),
    Buffer.from([6, 0, 0, 0]),
    Buffer.from('admin\0', 'latin1'),
  ]);
  const document = Buffer.alloc(fields.length + 5);
  document.writeInt32LE(document.length, 0);
  fields.copy(document, 4);
  return document;
}

function request(): Buffer {
  const document = ping();
  const message = Buffer.alloc(21 + document.length); // Header 16, flags 4, section kind 1.
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(OP_MSG, 12);
  document.copy(message, 21);
  return message;
}

/** Returns whether the reply has `ok: 1`, or undefined if the reply is incomplete. */
export function isOk(received: Buffer): boolean | undefined {
  if (received.length < 4 || received.length < received.readInt32LE(0)) return undefined;
  const field = received.indexOf(Buffer.from('\x01ok\0', 'latin1'));
  return field >= 0 && received.length >= field + 12 && received.readDoubleLE(field + 4) === 1;
}

export async function probeMongo(url: string): Promise<void> {
  if (!(await exchange(endpointOf(url), request(), isOk))) throw new Error('the reply to ping is not ok');
}

export async function probeRedis(url: string): Promise<void> {
  const reply = await exchange(endpointOf(url), '*1\r\n$4\r\nPING\r\n', (received) => {
    const text = received.toString('latin1');
    return text.endsWith('\r\n') ? text.trim() : undefined;
  });
  // The reply is "-LOADING …" while Redis reads its append-only file.
  if (reply !== '+PONG') throw new Error(`the reply to PING is ${reply}`);
}

/** Resolves if the server greets with 220 (RFC 5321 §4.2) and accepts EHLO. */
export async function probeSmtp(url: string): Promise<void> {
  const reply = await exchange(endpointOf(url), 'EHLO localhost\r\n', (received) => {
    const text = received.toString('latin1');
    if (!/^\d{3} /m.test(text.slice(text.indexOf('\n') + 1))) return undefined;
    return text;
  });
  if (!reply.startsWith('220') || !/^250 /m.test(reply)) throw new Error('the greeting is not that of SMTP');
}

/** Checks every server of the addresses in its own protocol. Rejects with the reason of the first one that fails. */
export async function probe(addresses: Partial<Addresses>): Promise<void> {
  const { kafka, registry, mongo, redis, s3, smtp, inbox } = addresses;
  await Promise.all([
    kafka && probeKafka(kafka.brokers),
    registry && probeHttp(`${registry.url}/subjects`, 200, '['),
    mongo && probeMongo(mongo.url),
    redis && probeRedis(redis.url),
    // The request is not signed, so S3 must deny access.
    s3 && probeHttp(`${s3.endpoint}/`, 403, '<Code>AccessDenied</Code>'),
    smtp && probeSmtp(smtp.url),
    inbox && probeHttp(`${inbox.url}/api/v1/info`, 200, 'Version'),
  ]);
}
