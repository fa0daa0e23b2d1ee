import { erasedId } from '@waybill/erasure';
import { describe, expect, it } from 'vitest';
import { decideClaim, endNumber } from './resolution.ts';

describe('decideClaim', () => {
  it('creates the record of an unknown job', () => {
    expect(decideClaim(undefined, { partition: 0, attempt: 1 })).toEqual({ kind: 'create' });
  });

  it.each(['freezing', 'producing', 'closing'] as const)('resumes a resolution that is %s', (state) => {
    expect(decideClaim({ partition: 0, attempt: 1, stream: 0, state }, { partition: 0, attempt: 1 })).toEqual(
      { kind: 'resume' },
    );
  });

  it('skips a resolution whose end was acknowledged', () => {
    expect(
      decideClaim({ partition: 0, attempt: 1, stream: 0, state: 'closed' }, { partition: 0, attempt: 1 })
        .kind,
    ).toBe('skip');
  });

  it('restarts for a newer attempt and skips an older one', () => {
    expect(
      decideClaim({ partition: 0, attempt: 1, stream: 0, state: 'closed' }, { partition: 0, attempt: 2 }),
    ).toEqual({
      kind: 'restart',
    });
    expect(
      decideClaim({ partition: 0, attempt: 2, stream: 0, state: 'freezing' }, { partition: 0, attempt: 1 })
        .kind,
    ).toBe('skip');
  });
});

describe('decideClaim of a request that was read from another partition than the first', () => {
  it.each(['freezing', 'producing', 'closing', 'closed'] as const)(
    'forwards it, so that one process at a time works on the job, while the resolution is %s',
    (state) => {
      const stored = { partition: 3, attempt: 1, stream: 0, state };
      const forward = { kind: 'forward', partition: 3 };
      expect(decideClaim(stored, { partition: 9, attempt: 1 })).toEqual(forward);
      expect(decideClaim(stored, { partition: 9, attempt: 2 })).toEqual(forward);
    },
  );
});

describe('decideClaim of a request that is published again', () => {
  const closed = { partition: 0, attempt: 1, stream: 1, state: 'closed' } as const;
  const asking = (action: 'answer' | 'resolve' | 'fail', count: number) => ({
    partition: 0,
    attempt: 1,
    repeat: { action, count },
  });

  it.each(['answer', 'fail'] as const)('answers for a closed resolution when asked to %s', (action) => {
    expect(decideClaim(closed, asking(action, 2))).toEqual({ kind: 'answer' });
  });

  it('starts a closed resolution again when asked to resolve', () => {
    expect(decideClaim(closed, asking('resolve', 2))).toEqual({ kind: 'restart' });
  });

  it('starts a closed resolution once when the request is delivered twice', () => {
    expect(decideClaim(closed, asking('resolve', 1))).toEqual({ kind: 'answer' });
  });

  it('does not resolve an erased selection again', () => {
    expect(decideClaim({ ...closed, user_id: erasedId }, asking('resolve', 2))).toEqual({ kind: 'answer' });
  });

  it('resumes a resolution that is not closed, and creates an unknown one', () => {
    expect(decideClaim({ ...closed, state: 'closing' }, asking('resolve', 2))).toEqual({ kind: 'resume' });
    expect(decideClaim(undefined, asking('answer', 2))).toEqual({ kind: 'create' });
  });
});

describe('endNumber', () => {
  it('is 0 if no plan was produced', () => {
    expect(endNumber({ columns: null, batch: null })).toBe(0);
  });

  it('follows the last message that may have been produced', () => {
    expect(endNumber({ columns: [], batch: null })).toBe(1);
    expect(endNumber({ columns: [], batch: { number: 7, from: 10, to: 20 } })).toBe(8);
  });
});
