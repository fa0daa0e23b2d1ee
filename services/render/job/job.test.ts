import { jobId, type JobId } from '@waybill/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closeCondition,
  decideClaim,
  mayClose,
  type Claim,
  type FinalState,
  type RenderState,
} from './job.ts';

const id = jobId('job');

interface Stored {
  readonly _id: JobId;
  readonly attempt: number;
  readonly stream: number;
  readonly epoch: number;
  readonly state: RenderState;
}

describe('decideClaim', () => {
  it('creates the record of an unknown job', () => {
    expect(decideClaim(undefined, { attempt: 1, stream: 0 })).toEqual({ kind: 'create' });
  });

  it('reclaims an open attempt from the process that has it', () => {
    expect(decideClaim({ attempt: 1, stream: 0, state: 'open' }, { attempt: 1, stream: 0 })).toEqual({
      kind: 'reclaim',
    });
  });

  it.each(['succeeded', 'failed', 'cancelled'] as const)('ignores an attempt that has %s', (state) => {
    expect(decideClaim({ attempt: 1, stream: 0, state }, { attempt: 1, stream: 0 }).kind).toBe('ignore');
  });

  it('restarts the job for a newer attempt, however the older one ended', () => {
    expect(decideClaim({ attempt: 1, stream: 0, state: 'failed' }, { attempt: 2, stream: 0 })).toEqual({
      kind: 'restart',
    });
    expect(decideClaim({ attempt: 1, stream: 0, state: 'open' }, { attempt: 2, stream: 0 })).toEqual({
      kind: 'restart',
    });
  });

  it('reclaims an open attempt for a newer stream and ignores messages of the older one', () => {
    const open = { attempt: 1, stream: 1, state: 'open' } as const;
    expect(decideClaim(open, { attempt: 1, stream: 2 })).toEqual({ kind: 'reclaim' });
    expect(decideClaim(open, { attempt: 1, stream: 0 })).toEqual({ kind: 'superseded' });
    expect(decideClaim({ ...open, state: 'failed' }, { attempt: 1, stream: 2 }).kind).toBe('ignore');
  });

  it('ignores a message of an older attempt', () => {
    expect(decideClaim({ attempt: 2, stream: 0, state: 'open' }, { attempt: 1, stream: 0 }).kind).toBe(
      'ignore',
    );
  });
});

/** Render processes claim one record, or close it under a claim that they got before, in any order. */
type Act =
  | {
      readonly kind: 'claim';
      readonly render: number;
      readonly attempt: number;
      readonly stream: number;
    }
  | { readonly kind: 'close'; readonly render: number; readonly state: FinalState };

const render = fc.nat({ max: 3 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('claim' as const),
    render,
    attempt: fc.integer({ min: 1, max: 3 }),
    stream: fc.nat({ max: 2 }),
  }),
  fc.record({
    kind: fc.constant('close' as const),
    render,
    state: fc.constantFrom('succeeded' as const, 'failed' as const, 'cancelled' as const),
  }),
);

/** Runs the acts on one record and returns every accepted close. */
function play(acts: readonly Act[]) {
  const world: { record: Stored | undefined } = { record: undefined };
  const claims = new Map<number, Claim>();
  const closes: { readonly claim: Claim; readonly state: FinalState; readonly newest: number }[] = [];
  const epochs: number[] = [];
  for (const next of acts) {
    const { record } = world;
    if (next.kind === 'claim') {
      const decision = decideClaim(record, next);
      if (decision.kind === 'ignore' || decision.kind === 'superseded') continue;
      const epoch = (record?.epoch ?? 0) + 1;
      const { attempt, stream } = next;
      world.record = { _id: id, attempt, stream, epoch, state: 'open' };
      claims.set(next.render, { _id: id, attempt: next.attempt, epoch });
      epochs.push(epoch);
    } else {
      const claim = claims.get(next.render);
      if (record === undefined || claim === undefined || !mayClose(record, claim)) continue;
      closes.push({ claim, state: next.state, newest: Math.max(...epochs) });
      world.record = { ...record, state: next.state };
    }
  }
  return { closes, epochs };
}

describe('claims and closes of one job', () => {
  it('have one accepted close per attempt, in every order of claims and closes', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const { closes } = play(acts);
        const attempts = closes.map(({ claim }) => claim.attempt);
        expect(new Set(attempts).size).toBe(attempts.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it('let only the holder of the newest epoch close the job', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        for (const { claim, newest } of play(acts).closes) expect(claim.epoch).toBe(newest);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never use an epoch twice, so that no two files have the same key', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), (acts) => {
        const { epochs } = play(acts);
        expect(new Set(epochs).size).toBe(epochs.length);
      }),
    );
  });

  it('use the same condition in mayClose and in the query', () => {
    const claim: Claim = { _id: id, attempt: 2, epoch: 5 };
    const condition = closeCondition(claim);
    const records = [
      { ...claim, state: 'open' },
      { ...claim, state: 'failed' },
      { ...claim, state: 'open', epoch: 6 },
      { ...claim, state: 'open', attempt: 3 },
      { ...claim, state: 'open', _id: jobId('other') },
    ] as const;
    for (const record of records) {
      const matches = Object.entries(condition).every(
        ([name, value]) => record[name as keyof typeof record] === value,
      );
      expect(matches, JSON.stringify(record)).toBe(mayClose(record, claim));
    }
  });
});
