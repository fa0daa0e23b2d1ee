import { exportBatch } from '@waybill/fixtures';
import type { ExportBatch } from '@waybill/schemas';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep, streamStart, type StreamState } from './stream.ts';

const end = (number: number, total: number) =>
  exportBatch({ kind: 'end', number, end: { outcome: 'resolved', total, failure: null } });

/** A whole stream: batches with their skipped counts, then its end. */
const stream = fc
  .array(fc.record({ rows: fc.nat({ max: 5 }), skipped: fc.nat({ max: 3 }) }), { maxLength: 12 })
  .map((sizes) => sizes.filter(({ rows, skipped }) => rows + skipped > 0))
  .map((sizes) => {
    let from = 0;
    const batches = sizes.map(({ rows, skipped }, index) => {
      const skipped_ids = Array.from({ length: skipped }, (_, place) => `c${from + place}`);
      const to = from + rows + skipped;
      const made = exportBatch({ number: index + 1, from, to, rows, skipped, skipped_ids });
      from = made.to;
      return made;
    });
    const skipped = sizes.reduce((sum, size) => sum + size.skipped, 0);
    return { messages: [...batches, end(batches.length + 1, from)], total: from, skipped };
  });

/** Applies messages and returns the batches that were written. */
function take(messages: readonly ExportBatch[], total: number) {
  let state: StreamState = streamStart(total);
  const written: ExportBatch[] = [];
  for (const message of messages) {
    const step = nextStep(state, message);
    if (step.kind === 'gap' || step.kind === 'finish') return { kind: step.kind, written, state };
    if (step.kind !== 'write') continue;
    written.push(message);
    state = step.after;
  }
  return { kind: 'open' as const, written, state };
}

describe('nextStep', () => {
  it('finishes a stream when every position was written or skipped, once each and in order', () => {
    fc.assert(
      fc.property(stream, ({ messages, total, skipped }) => {
        const result = take(messages, total);
        expect(result.kind).toBe('finish');
        expect(result.state).toMatchObject({ position: total, skipped });
        // Each skipped contact is known once, in the order of the selection.
        const ids = messages.flatMap(({ skipped_ids }) => skipped_ids);
        expect(result.state.skippedIds.flat()).toEqual(ids);
        expect(ids).toHaveLength(skipped);
      }),
    );
  });

  it('writes each batch once when Kafka or a restarted resolver delivers messages again', () => {
    const repeats = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 });
    fc.assert(
      fc.property(stream, repeats, ({ messages, total }, again) => {
        // Messages are delivered again from any earlier position on.
        const delivered = again.reduce<readonly ExportBatch[]>(
          (log, [at, back]) => {
            const cut = at % (messages.length + 1);
            return [...log, ...messages.slice(Math.max(0, cut - (back % 4)), cut)];
          },
          messages.slice(0, -1),
        );
        const result = take([...messages.slice(0, -1), ...delivered, ...messages], total);
        expect(result.kind).toBe('finish');
        expect(result.written.map(({ number }) => number)).toEqual(
          messages.slice(0, -1).map(({ number }) => number),
        );
      }),
    );
  });

  it('reports a gap wherever a message is missing, and never finishes that stream', () => {
    fc.assert(
      fc.property(stream, fc.nat(), ({ messages, total }, which) => {
        fc.pre(messages.length > 1);
        const missing = which % (messages.length - 1);
        const result = take(
          messages.filter((_, index) => index !== missing),
          total,
        );
        expect(result.kind).toBe('gap');
      }),
    );
  });

  it.each([
    ['does not start where the last one ended', { from: 1, to: 3, rows: 2 }],
    ['has counts that do not add up', { from: 0, to: 3, rows: 2 }],
    ['exceeds the selection', { from: 0, to: 11, rows: 11 }],
    ['is empty', { from: 0, to: 0, rows: 0 }],
  ])('reports a gap for a batch that %s', (_, part) => {
    expect(nextStep(streamStart(10), exportBatch(part))).toEqual({ kind: 'gap' });
  });

  it('reports a gap for an end whose total differs from the plan', () => {
    expect(nextStep(streamStart(0), end(1, 5))).toEqual({ kind: 'gap' });
  });

  it.each(['failed', 'cancelled'] as const)(
    'aborts a stream at an end with outcome %s, at every position',
    (outcome) => {
      const message = exportBatch({ kind: 'end', number: 7, end: { outcome, total: 3, failure: null } });
      expect(nextStep(streamStart(10), message)).toEqual({ kind: 'abort' });
    },
  );
});
