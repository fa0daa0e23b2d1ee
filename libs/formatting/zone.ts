import { ExportError } from '@waybill/errors';

/**
 * The shortest time between two changes of any zone in tzdb 2025b is 3 days 23 hours (Africa/Freetown, 1939), so at most one
 * change happens within 3 days. If both ends of the 3 days agree, the offset did not change.
 */
const COARSE = 3 * 86_400;
/** Within a coarse bucket that has a change: all but one of these have one offset again. */
const FINE = 900;

/** Returns how many seconds a zone is ahead of UTC at an instant given in seconds since the epoch. */
export type OffsetAt = (seconds: number) => number;

/**
 * Returns the offsets of one zone. Asking ICU is slow, so an answer is kept for a whole bucket only if both
 * ends of it agree: three days at a time, else a quarter of an hour, else nothing is kept.
 * @throws ExportError `EXPORT_TIMEZONE_INVALID` if the id is not an IANA zone.
 */
export function zoneOffsets(timezone: string): OffsetAt {
  const exact = exactOffsets(timezone);
  return bucketed(COARSE, exact, bucketed(FINE, exact, exact));
}

/** How ICU writes an offset: `GMT+07:00`, with seconds where a zone was off by seconds, as many were before 1972. */
const LONG_OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

function exactOffsets(timezone: string): OffsetAt {
  const format = formatOf(timezone);
  return (seconds) => {
    const [, sign, hours, minutes, rest] = LONG_OFFSET.exec(format.format(seconds * 1000)) ?? [];
    const offset = Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(rest ?? 0);
    return sign === '-' ? -offset : offset;
  };
}

function formatOf(timezone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone, timeZoneName: 'longOffset' });
  } catch (cause) {
    throw new ExportError('EXPORT_TIMEZONE_INVALID', { params: { timezone, suggestion: '' }, cause });
  }
}

/** Buckets that are kept at a time, a power of two: of three days, 33 years. */
const SLOTS = 4096;
/** No zone is a day off UTC. */
const MIXED = 86_400;
/** No bucket that a date of ECMAScript falls into. */
const NO_BUCKET = -(2 ** 53);
/** The last instant that ICU answers for, and its negative the first (ECMA-262 §21.4.1.1), in seconds. */
const LAST_INSTANT = 8.64e12;

/** Keeps the offset of every bucket whose ends agree, and asks `otherwise` within the others. */
function bucketed(width: number, exact: OffsetAt, otherwise: OffsetAt): OffsetAt {
  const buckets = new Float64Array(SLOTS).fill(NO_BUCKET);
  const offsets = new Int32Array(SLOTS);

  function decide(bucket: number): number {
    // The first and the last bucket reach beyond what ICU answers for.
    const first = exact(Math.max(bucket * width, -LAST_INSTANT));
    return exact(Math.min((bucket + 1) * width, LAST_INSTANT)) === first ? first : MIXED;
  }

  return (seconds) => {
    const bucket = Math.floor(seconds / width);
    const slot = bucket & (SLOTS - 1);
    if (buckets[slot] !== bucket) {
      offsets[slot] = decide(bucket);
      buckets[slot] = bucket;
    }
    const offset = offsets[slot] ?? MIXED;
    return offset === MIXED ? otherwise(seconds) : offset;
  };
}
