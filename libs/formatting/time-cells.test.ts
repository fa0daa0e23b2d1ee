import { describe, expect, it } from 'vitest';
import { csvText } from './index.ts';
import { asText, firstCell, type TableCase } from './testing/table-case.ts';

const date = { fieldType: 'date' };
const datetime = { fieldType: 'datetime' };

const cases: readonly TableCase[] = [
  {
    title: 'date is a calendar day',
    column: date,
    value: '2026-11-24',
    cell: { kind: 'date', day: 20781, second: 0, offsetSeconds: 0 },
    csv: '2026-11-24',
  },
  {
    title: 'date stored with midnight UTC is that day in every zone',
    column: date,
    value: '2026-11-24T00:00:00.000Z',
    cell: { kind: 'date', day: 20781, second: 0, offsetSeconds: 0 },
    csv: '2026-11-24',
  },
  {
    title: 'date on 29 February of a leap year is a day',
    column: date,
    value: '2024-02-29',
    cell: { kind: 'date', day: 19782, second: 0, offsetSeconds: 0 },
    csv: '2024-02-29',
  },
  {
    title: 'date 1900-03-01 is the first day that a sheet counts correctly',
    column: date,
    value: '1900-03-01',
    cell: { kind: 'date', day: -25508, second: 0, offsetSeconds: 0 },
    csv: '1900-03-01',
  },
  {
    title: 'date 1900-02-28 becomes ISO text',
    column: date,
    value: '1900-02-28',
    cell: asText('1900-02-28'),
    csv: '1900-02-28',
  },
  {
    title: 'date that is not in the calendar stays its stored text',
    column: date,
    value: '2026-02-30',
    cell: asText('2026-02-30'),
    csv: '2026-02-30',
  },
  {
    title: 'date with a time of day is not a date and stays text',
    column: date,
    value: '2026-11-24T10:00:00Z',
    cell: asText('2026-11-24T10:00:00Z'),
    csv: '2026-11-24T10:00:00Z',
  },
  {
    title: 'datetime in milliseconds is on the clock of the zone',
    column: datetime,
    value: Date.UTC(2026, 10, 24, 3, 49, 44),
    cell: { kind: 'datetime', day: 20781, second: 38984, offsetSeconds: 25200 },
    csv: '2026-11-24T10:49:44+07:00',
  },
  {
    title: 'datetime in ISO text is the same instant',
    column: datetime,
    value: '2026-11-24T03:49:44.000Z',
    cell: { kind: 'datetime', day: 20781, second: 38984, offsetSeconds: 25200 },
    csv: '2026-11-24T10:49:44+07:00',
  },
  {
    title: 'datetime after local midnight is on the next day',
    column: datetime,
    value: '2026-11-24T17:00:00Z',
    cell: { kind: 'datetime', day: 20782, second: 0, offsetSeconds: 25200 },
    csv: '2026-11-25T00:00:00+07:00',
  },
  {
    title: 'datetime cuts a fraction of a second and never rounds it up',
    column: datetime,
    value: '2026-11-24T03:49:44.999Z',
    cell: { kind: 'datetime', day: 20781, second: 38984, offsetSeconds: 25200 },
    csv: '2026-11-24T10:49:44+07:00',
  },
  {
    title: 'datetime before March 1900 becomes ISO text',
    column: datetime,
    value: '1890-01-01T00:00:00Z',
    cell: asText('1890-01-01T07:07:00+07:07'),
    csv: '1890-01-01T07:07:00+07:07',
  },
  {
    title: 'datetime without an offset is not an instant and stays text',
    column: datetime,
    value: '2026-11-24T03:49:44',
    cell: asText('2026-11-24T03:49:44'),
    csv: '2026-11-24T03:49:44',
  },
  {
    title: 'datetime out of range stays text',
    column: datetime,
    value: 8.7e15,
    cell: asText('8700000000000000'),
    csv: '8700000000000000',
  },
];

describe('dates and times in the table of field types [R1] [R15]', () => {
  it.each(cases)('$title', ({ column, value, cell, csv }) => {
    expect(firstCell('xlsx', column, value)).toEqual(cell);
    expect(csvText(firstCell('csv', column, value))).toBe(csv);
  });
});
