import { describe, expect, it } from 'vitest';
import { cancelled, succeeded } from '@waybill/fixtures';
import { endedExport, rowsOf } from './ended-export.ts';

function rowsOfEvent(event: Parameters<typeof endedExport>[0]): number | undefined {
  const ended = endedExport(event);
  return ended === undefined ? undefined : rowsOf(ended);
}

describe('endedExport', () => {
  it('returns nothing for an event without its request, since it has no requester to notify', () => {
    expect(endedExport(succeeded({ spec: null }))).toBeUndefined();
  });
});

describe('rowsOf', () => {
  it('returns the rows of the file, and 0 without a file', () => {
    expect(rowsOfEvent(succeeded())).toBe(9_997);
    expect(rowsOfEvent(cancelled())).toBe(0);
  });
});
