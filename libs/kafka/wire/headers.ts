import type { RawHeaders } from '../types/dead-letter.ts';
import { unreadable } from './errors.ts';

/** Headers as text. */
export type TextHeaders = Readonly<Record<string, string>>;

/** The attributes of an event in its headers (CloudEvents 1.0, Kafka protocol binding, binary mode). */
export interface EventHead {
  readonly id: string;
  readonly type: string;
  readonly companyId: string;
  readonly attempt: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly traceparent?: string;
}

export interface EventOrigin {
  /** Name of the service that sends. */
  readonly source: string;
  /** The job id. */
  readonly subject: string;
}

/** Returns the CloudEvents headers of an event. */
export function eventHeaders(head: EventHead, origin: EventOrigin): TextHeaders {
  return {
    ce_specversion: '1.0',
    ce_id: head.id,
    ce_type: head.type,
    ce_source: `/waybill/${origin.source}`,
    ce_subject: origin.subject,
    ce_time: new Date(head.at).toISOString(),
    // Extension attributes of CloudEvents are lower-case letters and digits only.
    ce_companyid: head.companyId,
    ce_attempt: String(head.attempt),
    'content-type': 'application/avro',
    ...(head.traceparent === undefined ? {} : { traceparent: head.traceparent }),
  };
}

/** Returns the headers as text. Of several values for one name the last counts. */
export function textHeaders(headers: RawHeaders | undefined): TextHeaders {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) text[name] = last.toString();
  }
  return text;
}

/**
 * Reads the CloudEvents attributes of an event.
 * @throws ExportError EVENT_UNREADABLE with the name of the header that is missing or wrong.
 */
export function readEventHead(headers: TextHeaders): EventHead {
  const attempt = Number(required(headers, 'ce_attempt'));
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw unreadable('header ce_attempt is not a count from 1');
  }
  const at = Date.parse(required(headers, 'ce_time'));
  if (Number.isNaN(at)) throw unreadable('header ce_time is not a time');
  const traceparent = headers['traceparent'];
  return {
    id: required(headers, 'ce_id'),
    type: required(headers, 'ce_type'),
    companyId: required(headers, 'ce_companyid'),
    attempt,
    at,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function required(headers: TextHeaders, name: string): string {
  const value = headers[name];
  if (value === undefined || value === '') throw unreadable(`header ${name} is missing`);
  return value;
}
