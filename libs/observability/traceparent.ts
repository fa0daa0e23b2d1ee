import { randomBytes } from 'node:crypto';

/** A parsed `traceparent` header (W3C Trace Context). */
export interface TraceContext {
  /** 32 lower-case hex digits, not all zero. */
  readonly traceId: string;
  /** 16 lower-case hex digits, not all zero: the span that sent the header. */
  readonly parentId: string;
  readonly sampled: boolean;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const sampledFlag = 1;

/**
 * The trace context of a header, or undefined where it breaks a rule of W3C Trace Context §3.2: upper case, a wrong
 * length, an id of zeros, version ff, or anything after the flags in version 00. Later versions may append fields.
 */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const match = form.exec(header ?? '');
  if (match === null) return undefined;
  const [, version = '', traceId = '', parentId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined;
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & sampledFlag) === sampledFlag };
}

/** The header of a new, sampled trace. */
export function newTraceparent(): string {
  return format(randomId(16), true);
}

/** The header of a new span in the same trace; of a new trace where the header is missing or not valid. */
export function childOf(traceparent: string | undefined): string {
  const parent = parseTraceparent(traceparent);
  return parent === undefined ? newTraceparent() : format(parent.traceId, parent.sampled);
}

function format(traceId: string, sampled: boolean): string {
  return `00-${traceId}-${randomId(8)}-${sampled ? '01' : '00'}`;
}

/** Random bytes as hex, never all zero, which the standard forbids. */
function randomId(bytes: number): string {
  const id = randomBytes(bytes);
  return id.every((byte) => byte === 0) ? randomId(bytes) : id.toString('hex');
}
