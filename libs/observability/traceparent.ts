import { randomBytes } from 'node:crypto';
import { INVALID_SPANID, INVALID_TRACEID, TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** A parsed `traceparent` header (W3C Trace Context). */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero: the span that sent the header. */
  readonly parentId: string;
  readonly sampled: boolean;
}

/**
 * Returns the trace context of a header; undefined for a header that breaks a rule of W3C Trace Context §3.2: upper
 * case, a wrong length, an id of zeros, version ff, or anything after the flags in version 00. Later versions may
 * append fields.
 */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  // OpenTelemetry would accept a space or a line break around the header.
  if (header === undefined || /\s/.test(header)) return undefined;
  const context = parseTraceParent(header);
  if (context === null) return undefined;
  const sampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
  return { traceId: context.traceId, parentId: context.spanId, sampled };
}

/** Returns the header of a new, sampled trace. */
export function newTraceparent(): string {
  return format(randomId(16, INVALID_TRACEID), true);
}

/** Returns the header of a new span in the same trace; of a new trace if the header is missing or not valid. */
export function childOf(traceparent: string | undefined): string {
  const parent = parseTraceparent(traceparent);
  return parent === undefined ? newTraceparent() : format(parent.traceId, parent.sampled);
}

function format(traceId: string, sampled: boolean): string {
  return `00-${traceId}-${randomId(8, INVALID_SPANID)}-${sampled ? '01' : '00'}`;
}

/** Returns random bytes as hex, other than the id of zeros, which the standard forbids. */
function randomId(bytes: number, invalid: string): string {
  const id = randomBytes(bytes).toString('hex');
  return id === invalid ? randomId(bytes, invalid) : id;
}
