import { ExportError } from '@waybill/errors';
import type { Period } from '@waybill/domain';
import { DateTime } from 'luxon';

/** The period of a request: a named period, calendar days, or neither. */
export interface PeriodRequest {
  readonly period?: Period | undefined;
  /** First day, YYYY-MM-DD. */
  readonly start_date?: string | undefined;
  /** Last day, inclusive, YYYY-MM-DD. */
  readonly end_date?: string | undefined;
}

/** Instants in milliseconds since 1970. An absent bound is open. */
export interface InstantRange {
  /** Inclusive. */
  readonly createdFrom?: number;
  /** Exclusive. */
  readonly createdBefore?: number;
}

/** First and last calendar day, both inclusive, as midnight UTC, so that clock changes do not affect counting days. */
interface Days {
  readonly first?: DateTime;
  readonly last?: DateTime;
}

/**
 * Returns the instants between which the contacts were created, for calendar days in a timezone. Named periods count from
 * the day of `now`: `last_7_days` is today and the six days before, `this_month` ends with the last day of the month.
 * @throws ExportError `EXPORT_PERIOD_INVALID` when the end date is before the start date.
 */
export function resolvePeriod(request: PeriodRequest, timezone: string, now: number): InstantRange {
  const today = DateTime.fromMillis(now, { zone: timezone }).setZone('utc', { keepLocalTime: true });
  const { first, last } =
    request.period === undefined ? givenDays(request) : namedDays(request.period, today.startOf('day'));
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

function namedDays(period: Period, today: DateTime): Days {
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
 * Returns the first instant of a day in a timezone. When clocks go back over midnight (America/Havana), 00:00 occurs twice
 * and luxon returns the later one. The hour before belongs to the day too, so the earliest 00:00 is used. A day that a
 * timezone skipped (Pacific/Apia) starts at the same instant as the next day, so it is empty.
 */
function startOfDay(day: DateTime, zone: string): number {
  const midnight = day.setZone(zone, { keepLocalTime: true }).startOf('day');
  return Math.min(...midnight.getPossibleOffsets().map((candidate) => candidate.toMillis()));
}

function endsBeforeStart(request: PeriodRequest): ExportError {
  const days = `${String(request.start_date)} – ${String(request.end_date)}`;
  return new ExportError('EXPORT_PERIOD_INVALID', {
    translated: {
      en: { reason: `end_date is before start_date (${days}). Swap them.` },
      id: { reason: `end_date lebih awal daripada start_date (${days}). Tukar keduanya.` },
    },
    errors: [{ path: 'end_date', message: 'end_date < start_date' }],
  });
}
