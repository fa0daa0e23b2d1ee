import { ExportError } from '@waybill/errors';
import type { Period } from '@waybill/domain';
import { DateTime } from 'luxon';

/** What a request says of time: a preset, or calendar days, or nothing. */
export interface PeriodRequest {
  readonly period?: Period | undefined;
  /** First day, YYYY-MM-DD. */
  readonly start_date?: string | undefined;
  /** Last day, inclusive, YYYY-MM-DD. */
  readonly end_date?: string | undefined;
}

/** Instants in milliseconds since 1970; a bound that is absent is open. */
export interface InstantRange {
  /** Inclusive. */
  readonly createdFrom?: number;
  /** Exclusive. */
  readonly createdBefore?: number;
}

/** First and last calendar day, both inclusive; each as midnight UTC, so that counting days meets no clock change. */
interface Days {
  readonly first?: DateTime;
  readonly last?: DateTime;
}

/**
 * The instants between which a contact was created, for days as they are lived in a zone. The presets count from the
 * day that `now` falls on: `last_7_days` is today and the six days before it, `this_month` reaches to the month's end.
 * @throws ExportError `EXPORT_PERIOD_INVALID` when the end lies before the start.
 */
export function resolvePeriod(request: PeriodRequest, timezone: string, now: number): InstantRange {
  const today = DateTime.fromMillis(now, { zone: timezone }).setZone('utc', { keepLocalTime: true });
  const { first, last } =
    request.period === undefined ? givenDays(request) : presetDays(request.period, today.startOf('day'));
  if (first !== undefined && last !== undefined && first > last) throw endsBeforeStart(request);
  return {
    ...(first === undefined ? {} : { createdFrom: startOfDay(first, timezone) }),
    ...(last === undefined ? {} : { createdBefore: startOfDay(last.plus({ days: 1 }), timezone) }),
  };
}

function givenDays({ start_date, end_date }: PeriodRequest): Days {
  return {
    ...(start_date === undefined ? {} : { first: DateTime.fromISO(start_date, { zone: 'utc' }) }),
    ...(end_date === undefined ? {} : { last: DateTime.fromISO(end_date, { zone: 'utc' }) }),
  };
}

function presetDays(period: Period, today: DateTime): Days {
  const lastMonth = today.minus({ months: 1 });
  switch (period) {
    case 'today':
      return { first: today, last: today };
    case 'yesterday':
      return { first: today.minus({ days: 1 }), last: today.minus({ days: 1 }) };
    case 'last_7_days':
      return { first: today.minus({ days: 6 }), last: today };
    case 'last_30_days':
      return { first: today.minus({ days: 29 }), last: today };
    case 'this_month':
      return { first: today.startOf('month'), last: lastDay(today, 'month') };
    case 'last_month':
      return { first: lastMonth.startOf('month'), last: lastDay(lastMonth, 'month') };
    case 'this_year':
      return { first: today.startOf('year'), last: lastDay(today, 'year') };
  }
}

function lastDay(day: DateTime, unit: 'month' | 'year'): DateTime {
  return day.endOf(unit).startOf('day');
}

/**
 * The first instant of a day in a zone. Where clocks go back over midnight (America/Havana) 00:00 comes twice, and
 * luxon takes the later one: the hour before it belongs to the day too, so the earliest instant that reads 00:00 is
 * taken. A day that the zone never had (Pacific/Apia) starts where the next one does, and so is empty.
 */
function startOfDay(day: DateTime, zone: string): number {
  const midnight = day.setZone(zone, { keepLocalTime: true }).startOf('day');
  return Math.min(...midnight.getPossibleOffsets().map((candidate) => candidate.toMillis()));
}

function endsBeforeStart(request: PeriodRequest): ExportError {
  const days = `${String(request.start_date)} – ${String(request.end_date)}`;
  return new ExportError('EXPORT_PERIOD_INVALID', {
    translated: {
      en: { reason: `end_date lies before start_date (${days}). Swap them.` },
      id: { reason: `end_date lebih awal daripada start_date (${days}). Tukar keduanya.` },
    },
    errors: [{ path: 'end_date', message: 'end_date < start_date' }],
  });
}
