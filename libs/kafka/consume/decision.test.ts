import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { decide, type RetryPolicy } from './decision.ts';
import { deadLetter, done, hold, retry, rewind, skip } from '../types/outcome.ts';

const inPlace: RetryPolicy = { kind: 'in-place', tries: 5, fromMs: 500, toMs: 30_000 };
const delayed: RetryPolicy = { kind: 'delayed', delayNames: ['30s', '5m', '1h'] };
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
  ] as const)('follows the outcome %s under every policy', (_, outcome, step) => {
    expect(decide(outcome, { all: 1, faults: 0 }, inPlace)).toEqual(step);
    expect(decide(outcome, { all: 9, faults: 0 }, delayed)).toEqual(step);
  });

  it('waits for ever after a retry in place with a retryable cause, however often that was', () => {
    for (const all of [1, 5, 6, 1_000]) {
      expect(decide(retry(cause), { all, faults: 0 }, inPlace)).toEqual({ kind: 'wait', cause });
    }
  });

  it('doubles the pause after each fault of the message and dead-letters it after the last try', () => {
    const steps = [1, 2, 3, 4, 5].map((faults) => decide(retry(fault), { all: 90, faults }, inPlace));
    expect(steps).toEqual([
      { kind: 'again', afterMs: 500 },
      { kind: 'again', afterMs: 1_000 },
      { kind: 'again', afterMs: 2_000 },
      { kind: 'again', afterMs: 4_000 },
      { kind: 'dead-letter', cause: fault },
    ]);
  });

  it('forwards a delayed retry to the next delay and repeats the last one', () => {
    const names = [1, 2, 3, 4, 50].map((all) => decide(retry(cause), { all, faults: 0 }, delayed));
    expect(names).toEqual(
      ['30s', '5m', '1h', '1h', '1h'].map((delayName) => ({ kind: 'forward', delayName, cause })),
    );
  });

  it('dead-letters a delayed retry without any delay topic', () => {
    expect(decide(retry(cause), { all: 1, faults: 0 }, { kind: 'delayed', delayNames: [] })).toEqual({
      kind: 'dead-letter',
      cause,
    });
  });

  it('dead-letters a fault under delayed retries after each delay was tried once', () => {
    expect(decide(retry(fault), { all: 3, faults: 1 }, delayed)).toMatchObject({ kind: 'forward' });
    expect(decide(retry(fault), { all: 4, faults: 1 }, delayed)).toEqual({
      kind: 'dead-letter',
      cause: fault,
    });
  });
});
