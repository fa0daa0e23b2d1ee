import type { ExportError } from '@waybill/errors';
import type { FailureRecord, RawHeaders } from '../types/dead-letter.ts';
import type { TextHeaders } from './headers.ts';

/** Where a message was first read, and how often it was tried. */
export interface Origin {
  /** Without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The consumer group that failed; another group that reads the same retry topic ignores the message. */
  readonly group: string;
  /** Tries until now. */
  readonly tries: number;
}

const names = {
  topic: 'waybill-source-topic',
  partition: 'waybill-source-partition',
  offset: 'waybill-source-offset',
  group: 'waybill-group',
  tries: 'waybill-tries',
  failedAt: 'waybill-failed-at',
  causeCode: 'waybill-cause-code',
  causeMessage: 'waybill-cause-message',
} as const;

/** In characters. A catalogued text is one sentence; a longer one has a stack trace in a parameter. */
const maximumMessageLength = 1_000;

/** Returns the headers that a message gets in a dead-letter topic, in addition to its own. */
export function retryHeaders(origin: Origin, cause: ExportError, failedAt: number): TextHeaders {
  return {
    [names.topic]: origin.topic,
    [names.partition]: String(origin.partition),
    [names.offset]: String(origin.offset),
    [names.group]: origin.group,
    [names.tries]: String(origin.tries),
    [names.failedAt]: String(failedAt),
    [names.causeCode]: cause.code,
    [names.causeMessage]: cause.message.slice(0, maximumMessageLength),
  };
}

/** Returns the headers of a redriven dead letter: all that it has, with the count of tries at zero. */
export function redriveHeaders(headers: RawHeaders): RawHeaders {
  return { ...headers, [names.tries]: '0' };
}

/** Reads why and when a message last failed. */
export function readFailure(headers: TextHeaders): FailureRecord {
  return {
    causeCode: headers[names.causeCode] ?? 'unknown',
    causeMessage: headers[names.causeMessage] ?? '',
    failedAt: Number(headers[names.failedAt] ?? 0),
  };
}

/** Returns the headers without those of the port: the ones that the message had when it was first read. */
export function originalHeaders(headers: RawHeaders): RawHeaders {
  const own = new Set<string>(Object.values(names));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name)));
}

/** Reads the origin of a message in a retry topic; returns undefined if the port did not put it there. */
export function readOrigin(headers: TextHeaders): Origin | undefined {
  const topic = headers[names.topic];
  const group = headers[names.group];
  const partition = Number(headers[names.partition]);
  const tries = Number(headers[names.tries]);
  const offset = headers[names.offset] ?? '';
  const valid = Number.isSafeInteger(partition) && Number.isSafeInteger(tries) && /^\d+$/.test(offset);
  if (topic === undefined || group === undefined || !valid) return undefined;
  return { topic, partition, offset: BigInt(offset), group, tries };
}
