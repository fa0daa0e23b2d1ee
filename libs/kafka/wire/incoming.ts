import type { ConsumingService, Topic } from '@waybill/schemas';
import { textHeaders, type RawHeaders, type TextHeaders } from './headers.ts';
import { originalHeaders, readOrigin, type Origin } from './retry-headers.ts';

/** A message as the client hands it over. */
export interface RawMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Decimal ms since the epoch. */
  readonly timestamp: string;
  readonly offset: string;
  readonly headers?: RawHeaders | undefined;
}

/** A message with what its place and headers say; its value is not decoded. */
export interface Incoming<T extends string = string> {
  /** Where it was first read. */
  readonly origin: Origin & { readonly topic: T };
  /** Key, value and headers as they came, without what the port has added on an earlier delivery. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly rawHeaders: RawHeaders;
  readonly headers: TextHeaders;
  /** A message of a retry topic is not delivered before, in ms since the epoch. */
  readonly dueAt: number;
}

/** What to do with a message before anything of it is decoded. */
export type Reading<T extends Topic> =
  | { readonly kind: 'deliver'; readonly incoming: Incoming<T> }
  /** It is for another group that reads the same retry topic. */
  | { readonly kind: 'not-ours' }
  /** It lies in a retry topic and does not say where it came from. */
  | { readonly kind: 'homeless'; readonly incoming: Incoming };

export interface Reader<T extends Topic> {
  readonly group: string;
  readonly service: ConsumingService;
  readonly prefix: string;
  readonly topics: readonly T[];
}

/** `topic` with its prefix: one of the reader's own topics, or one of its service's retry topics. */
export function readMessage<T extends Topic>(
  reader: Reader<T>,
  topic: string,
  partition: number,
  message: RawMessage,
): Reading<T> {
  const name = topic.slice(reader.prefix.length);
  const here = { partition, offset: BigInt(message.offset), group: reader.group, deliveries: 0 };
  const own = ownTopic(reader, name);
  if (own !== undefined) {
    return { kind: 'deliver', incoming: incoming(message, { topic: own, ...here }, 0) };
  }
  const origin = readOrigin(textHeaders(message.headers));
  if (origin === undefined) {
    return { kind: 'homeless', incoming: incoming(message, { topic: name, ...here }, 0) };
  }
  const source = ownTopic(reader, origin.topic);
  if (origin.group !== reader.group || source === undefined) return { kind: 'not-ours' };
  return { kind: 'deliver', incoming: incoming(message, { ...origin, topic: source }, origin.dueAt) };
}

function incoming<T extends string>(
  message: RawMessage,
  origin: Origin & { readonly topic: T },
  dueAt: number,
): Incoming<T> {
  const rawHeaders = originalHeaders(message.headers ?? {});
  return {
    origin,
    key: message.key,
    value: message.value,
    rawHeaders,
    headers: textHeaders(rawHeaders),
    dueAt,
  };
}

function ownTopic<T extends Topic>(reader: Reader<T>, name: string): T | undefined {
  return reader.topics.find((topic) => topic === name);
}
