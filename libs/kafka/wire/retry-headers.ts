import type { ExportError } from '@waybill/errors';
import type { RawHeaders, TextHeaders } from './headers.ts';

/** Where a message was first read, and how often it has been delivered. */
export interface Origin {
  /** Without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The consumer group that failed; another group that reads the same retry topic leaves the message alone. */
  readonly group: string;
  /** Deliveries so far. */
  readonly deliveries: number;
}

const names = {
  topic: 'waybill-source-topic',
  partition: 'waybill-source-partition',
  offset: 'waybill-source-offset',
  group: 'waybill-group',
  deliveries: 'waybill-deliveries',
  dueAt: 'waybill-due-at',
  failedAt: 'waybill-failed-at',
  causeCode: 'waybill-cause-code',
  causeMessage: 'waybill-cause-message',
} as const;

/** A catalogued text is a sentence; more than this is somebody's stack in a parameter. */
const longestMessage = 1_000;

/** Headers that a message gets on its way to a retry or dead-letter topic; the original ones stay beside them. */
export function redeliveryHeaders(origin: Origin, cause: ExportError, failedAt: number): TextHeaders {
  return {
    [names.topic]: origin.topic,
    [names.partition]: String(origin.partition),
    [names.offset]: String(origin.offset),
    [names.group]: origin.group,
    [names.deliveries]: String(origin.deliveries),
    [names.failedAt]: String(failedAt),
    [names.causeCode]: cause.code,
    [names.causeMessage]: cause.message.slice(0, longestMessage),
  };
}

/** `dueAt` in ms since the epoch. */
export function dueHeaders(dueAt: number): TextHeaders {
  return { [names.dueAt]: String(dueAt) };
}

/** What a dead letter keeps when it is redriven: all but the count of its deliveries, which starts anew. */
export function redriveHeaders(headers: RawHeaders, dueAt: number): RawHeaders {
  return { ...headers, [names.deliveries]: '0', ...dueHeaders(dueAt) };
}

/** Why and when a message was last put aside. */
export interface PutAside {
  readonly causeCode: string;
  readonly causeMessage: string;
  /** ms since the epoch. */
  readonly failedAt: number;
}

export function readPutAside(headers: TextHeaders): PutAside {
  return {
    causeCode: headers[names.causeCode] ?? 'unknown',
    causeMessage: headers[names.causeMessage] ?? '',
    failedAt: Number(headers[names.failedAt] ?? 0),
  };
}

/** The headers without those of the port: what the message had when it was first read. */
export function originalHeaders(headers: RawHeaders): RawHeaders {
  const own = new Set<string>(Object.values(names));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
}

/** What a message of a retry topic says of itself; undefined if it was not put there by the port. */
export function readOrigin(headers: TextHeaders): (Origin & { readonly dueAt: number }) | undefined {
  const topic = headers[names.topic];
  const group = headers[names.group];
  const partition = Number(headers[names.partition]);
  const deliveries = Number(headers[names.deliveries]);
  const offset = headers[names.offset] ?? '';
  const dueAt = Number(headers[names.dueAt] ?? 0);
  const sound = Number.isSafeInteger(partition) && Number.isSafeInteger(deliveries) && /^\d+$/.test(offset);
  if (topic === undefined || group === undefined || !sound || Number.isNaN(dueAt)) return undefined;
  return { topic, partition, offset: BigInt(offset), group, deliveries, dueAt };
}
