import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { decide } from './decision.ts';
import { deadLetter, done, hold, retry, rewind, skip } from '../types/outcome.ts';

const inPlace = { tries: 5, fromMs: 500, toMs: 30_000 } as const;
const cause = new ExportError('STORAGE_UNAVAILABLE');
const fault = new ExportError('SEALED_DATA_UNREADABLE');

describe('decide', () => {
  it.each([
    ['done', done(), { kind: 'advance' }],
    ['skip', skip('old'), { kind: 'advance' }],
    ['hold', hold(3n), { kind: 'hold', commitBelow: 3n }],
    ['rewind', rewind(3n), { kind: 'rewind', to: 3n }],
    ['rewind with a cause', rewind(3n, cause), { kind: 'rewind', to: 3n, cause }],
    ['dead letter', deadLetter(cause), { kind: 'dead-letter', cause }],
  ] as const)('follows the outcome %s', (_, outcome, step) => {
    expect(decide(outcome, 0, inPlace)).toEqual(step);
  });

  it('waits after a retry with a retryable cause, however many faults there were', () => {
    for (const faults of [0, 5, 6, 1_000]) {
      expect(decide(retry(cause), faults, inPlace)).toEqual({ kind: 'wait', cause });
    }
  });

  it('doubles the pause after each fault of the message and dead-letters it after the last try', () => {
    const steps = [1, 2, 3, 4, 5].map((faults) => decide(retry(fault), faults, inPlace));
    expect(steps).toEqual([
      { kind: 'again', afterMs: 500 },
      { kind: 'again', afterMs: 1_000 },
      { kind: 'again', afterMs: 2_000 },
      { kind: 'again', afterMs: 4_000 },
      { kind: 'dead-letter', cause: fault },
    ]);
  });
});
