import { ExportError } from '@waybill/errors';
import { IANAZone } from 'luxon';

/**
 * The shortest time between two changes of any zone in tzdb 2025b is 3 days 23 hours (Africa/Freetown, 1939), so at most one
 * change lies in 3 days, and where both ends of them agree there is none.
 */
const COARSE = 3 * 86_400;
/** Within a coarse bucket that has a change: all but one of these have one offset again. */
const FINE = 900;

/** Answers how many seconds a zone is ahead of UTC at an instant given in seconds since the epoch. */
export type OffsetAt = (seconds: number) => number;

/**
 * The offset of one zone, with what it costs to ask kept off the hot path. An answer is kept for a whole bucket only if both
 * ends of it agree: three days at a time, else a quarter of an hour, else nothing is kept.
 * @throws ExportError `EXPORT_TIMEZONE_INVALID` when the id is no IANA zone.
 */
export function zoneOffsets(timezone: string): OffsetAt {
  const zone = IANAZone.create(timezone);
  if (!zone.isValid) {
    throw new ExportError('EXPORT_TIMEZONE_INVALID', { params: { timezone, suggestion: '' } });
  }
  // Before 1972 many zones were not whole minutes off UTC; luxon answers in minutes with a fraction.
  const exact: OffsetAt = (seconds) => Math.round(zone.offset(seconds * 1000) * 60);
  return bucketed(COARSE, exact, bucketed(FINE, exact, exact));
}

/** Keeps the offset of every bucket whose ends agree, and asks `otherwise` within the others. */
function bucketed(width: number, exact: OffsetAt, otherwise: OffsetAt): OffsetAt {
  const known = new Map<number, number | undefined>();
  const starts = new Map<number, number>();

  /** The offset where a bucket starts, which is where the one before it ends. */
  function startOf(bucket: number): number {
    let offset = starts.get(bucket);
    if (offset === undefined) {
      offset = exact(bucket * width);
      starts.set(bucket, offset);
    }
    return offset;
  }

  return (seconds) => {
    const bucket = Math.floor(seconds / width);
    let offset = known.get(bucket);
    if (offset === undefined && !known.has(bucket)) {
      const first = startOf(bucket);
      offset = startOf(bucket + 1) === first ? first : undefined;
      known.set(bucket, offset);
    }
    return offset ?? otherwise(seconds);
  };
}
