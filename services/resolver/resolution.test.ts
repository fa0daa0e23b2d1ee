import { describe, expect, it } from 'vitest';
import { decideClaim, endNumber } from './resolution.ts';

describe('decideClaim', () => {
  it('creates the record of an unknown job', () => {
    expect(decideClaim(undefined, 1)).toEqual({ kind: 'create' });
  });

  it.each(['freezing', 'producing', 'closing'] as const)('resumes a resolution that is %s', (state) => {
    expect(decideClaim({ attempt: 1, state }, 1)).toEqual({ kind: 'resume' });
  });

  it('skips a resolution whose end was acknowledged', () => {
    expect(decideClaim({ attempt: 1, state: 'closed' }, 1).kind).toBe('skip');
  });

  it('restarts for a newer attempt and skips an older one', () => {
    expect(decideClaim({ attempt: 1, state: 'closed' }, 2)).toEqual({ kind: 'restart' });
    expect(decideClaim({ attempt: 2, state: 'freezing' }, 1).kind).toBe('skip');
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
