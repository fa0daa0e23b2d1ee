import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { decide, decideThrown, type RetryPolicy } from './decision.ts';
import { deadLetter, done, hold, retry, rewind, skip } from '../types/outcome.ts';

const inPlace: RetryPolicy = { kind: 'in-place', tries: 5, fromMs: 500, toMs: 30_000 };
const delayed: RetryPolicy = { kind: 'delayed', delayNames: ['30s', '5m', '1h'] };
const cause = new ExportError('STORAGE_UNAVAILABLE');
const final = new ExportError('SEALED_DATA_UNREADABLE');

describe('decide', () => {
  it.each([
    ['done', done(), { kind: 'advance' }],
    ['skip', skip('old'), { kind: 'advance' }],
    ['hold', hold(3n), { kind: 'hold', commitBelow: 3n }],
    ['rewind', rewind(3n), { kind: 'rewind', to: 3n }],
    ['dead letter', deadLetter(cause), { kind: 'dead-letter', cause }],
  ] as const)('follows the outcome %s under every policy', (_, outcome, step) => {
    expect(decide(outcome, 1, inPlace)).toEqual(step);
    expect(decide(outcome, 9, delayed)).toEqual(step);
  });

  it('doubles the wait of a retry in place and dead-letters after the last try', () => {
    const steps = [1, 2, 3, 4, 5].map((tries) => decide(retry(cause), tries, inPlace));
    expect(steps).toEqual([
      { kind: 'again', afterMs: 500 },
      { kind: 'again', afterMs: 1_000 },
      { kind: 'again', afterMs: 2_000 },
      { kind: 'again', afterMs: 4_000 },
      { kind: 'dead-letter', cause },
    ]);
  });

  it('forwards a delayed retry to the next delay and repeats the last one', () => {
    const names = [1, 2, 3, 4, 50].map((tries) => decide(retry(cause), tries, delayed));
    expect(names).toEqual(
      ['30s', '5m', '1h', '1h', '1h'].map((delayName) => ({ kind: 'forward', delayName, cause })),
    );
  });

  it('dead-letters a delayed retry without any delay topic', () => {
    expect(decide(retry(cause), 1, { kind: 'delayed', delayNames: [] })).toEqual({
      kind: 'dead-letter',
      cause,
    });
  });
});

describe('decideThrown', () => {
  it('retries a retryable error and dead-letters any other', () => {
    expect(decideThrown(cause, 1, inPlace)).toEqual({ kind: 'again', afterMs: 500 });
    expect(decideThrown(final, 1, inPlace)).toEqual({ kind: 'dead-letter', cause: final });
    expect(decideThrown(final, 1, delayed)).toEqual({ kind: 'dead-letter', cause: final });
  });

  it('dead-letters after each delay was tried once', () => {
    expect(decideThrown(cause, 3, delayed)).toEqual({ kind: 'forward', delayName: '1h', cause });
    expect(decideThrown(cause, 4, delayed)).toEqual({ kind: 'dead-letter', cause });
  });
});
