import type { ConsumingService, Topic } from '@waybill/schemas';
import type { RawHeaders, RawMessage } from '../types/dead-letter.ts';
import { textHeaders, type TextHeaders } from './headers.ts';
import { originalHeaders, readOrigin, type Origin } from './retry-headers.ts';

/** A message with its origin; its value is not decoded. */
export interface Incoming<T extends string = string> {
  /** Where it was first read. */
  readonly origin: Origin & { readonly topic: T };
  /** Key, value and headers as they were first read, without the headers that the port added later. */
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly rawHeaders: RawHeaders;
  readonly headers: TextHeaders;
}

/** What to do with a message, decided before its value is decoded. */
export type Reading<T extends Topic> =
  | { readonly kind: 'handle'; readonly incoming: Incoming<T> }
  /** It belongs to another group that reads the same retry topic. */
  | { readonly kind: 'not-ours' }
  /** It is in a retry topic and its headers name no origin. */
  | { readonly kind: 'unroutable'; readonly incoming: Incoming };

/** The consumer that a message is read for. */
export interface Reader<T extends Topic> {
  readonly group: string;
  readonly service: ConsumingService;
  readonly prefix: string;
  readonly topics: readonly T[];
}

/** Reads a message of a topic (with its prefix): one of the reader's own topics, or the retry topic of its service. */
export function readMessage<T extends Topic>(
  reader: Reader<T>,
  { topic, partition }: { readonly topic: string; readonly partition: number },
  message: RawMessage,
): Reading<T> {
  const name = topic.slice(reader.prefix.length);
  const here = { partition, offset: BigInt(message.offset), group: reader.group, tries: 0 };
  const own = ownTopic(reader, name);
  if (own !== undefined) {
    return { kind: 'handle', incoming: incoming(message, { topic: own, ...here }) };
  }
  const origin = readOrigin(textHeaders(message.headers));
  if (origin === undefined) {
    return { kind: 'unroutable', incoming: incoming(message, { topic: name, ...here }) };
  }
  const source = ownTopic(reader, origin.topic);
  if (origin.group !== reader.group || source === undefined) return { kind: 'not-ours' };
  return { kind: 'handle', incoming: incoming(message, { ...origin, topic: source }) };
}

function incoming<T extends string>(
  message: RawMessage,
  origin: Origin & { readonly topic: T },
): Incoming<T> {
  const rawHeaders = originalHeaders(message.headers ?? {});
  return {
    origin,
    key: message.key,
    value: message.value,
    rawHeaders,
    headers: textHeaders(rawHeaders),
  };
}

function ownTopic<T extends Topic>(reader: Reader<T>, name: string): T | undefined {
  return reader.topics.find((topic) => topic === name);
}

/** Returns the key as text; empty if the message has none. */
export function keyOf(incoming: Incoming): string {
  return incoming.key?.toString() ?? '';
}
