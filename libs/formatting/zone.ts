import { ExportError } from '@waybill/errors';
import { IANAZone } from 'luxon';

const DAY = 86_400;
const QUARTER = 900;

/** Answers how many seconds a zone is ahead of UTC at an instant given in seconds since the epoch. */
export type OffsetAt = (seconds: number) => number;

/**
 * The offset of one zone, with what it costs to ask kept off the hot path. An answer is kept for a whole UTC day if both
 * ends of the day agree, else for each quarter of an hour whose ends agree, else for nothing. Every change of every
 * zone in tzdb is at least a day from the next one, so ends that agree have no change between them.
 * @throws ExportError `EXPORT_TIMEZONE_INVALID` when the id is no IANA zone.
 */
export function zoneOffsets(timezone: string): OffsetAt {
  const zone = IANAZone.create(timezone);
  if (!zone.isValid) {
    throw new ExportError('EXPORT_TIMEZONE_INVALID', { params: { timezone, suggestion: '' } });
  }
  // Before 1972 many zones were not whole minutes off UTC; luxon answers in minutes with a fraction.
  const exact: OffsetAt = (seconds) => Math.round(zone.offset(seconds * 1000) * 60);
  const quarterly = bucketed(QUARTER, exact, exact);
  return bucketed(DAY, exact, quarterly);
}

/** Keeps the offset of every bucket whose ends agree, and asks `otherwise` within the others. */
function bucketed(width: number, exact: OffsetAt, otherwise: OffsetAt): OffsetAt {
  const known = new Map<number, number | undefined>();
  return (seconds) => {
    const bucket = Math.floor(seconds / width);
    let offset = known.get(bucket);
    if (offset === undefined && !known.has(bucket)) {
      const start = bucket * width;
      const first = exact(start);
      offset = exact(start + width - 1) === first ? first : undefined;
      known.set(bucket, offset);
    }
    return offset ?? otherwise(seconds);
  };
}
