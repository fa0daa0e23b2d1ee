import type { ExportBatch } from '@waybill/schemas';

/** How far a job's stream was taken in. */
export interface StreamState {
  /** Number of the message that is expected next. */
  readonly nextNumber: number;
  /** Position in the frozen selection after the last batch. */
  readonly position: number;
  /** Contacts skipped so far, by the batches' own counts. */
  readonly skipped: number;
  /** Size of the frozen selection, by the plan. */
  readonly total: number;
}

export type Step =
  /** Taken in before. */
  | { readonly kind: 'repeat' }
  | { readonly kind: 'write'; readonly after: StreamState }
  | { readonly kind: 'finish' }
  /** The resolver ended the job without its rows. */
  | { readonly kind: 'give-up' }
  /** Something between is missing, or does not fit. */
  | { readonly kind: 'gap' };

export function streamStart(total: number): StreamState {
  return { nextNumber: 1, position: 0, skipped: 0, total };
}

/**
 * What a message means for a stream whose plan was read. A batch fits only where its number is the next, it begins at
 * the position that was reached, and its counts add up; the end only where every position was reached.
 */
export function nextStep(state: StreamState, batch: ExportBatch): Step {
  if (batch.end !== null && batch.end.outcome !== 'resolved') return { kind: 'give-up' };
  if (batch.number < state.nextNumber) return { kind: 'repeat' };
  if (batch.number > state.nextNumber) return { kind: 'gap' };
  if (batch.kind === 'end') {
    const complete = state.position === state.total && batch.end?.total === state.total;
    return complete ? { kind: 'finish' } : { kind: 'gap' };
  }
  return fits(state, batch) ? { kind: 'write', after: advance(state, batch) } : { kind: 'gap' };
}

function fits(state: StreamState, { from, to, rows, skipped }: ExportBatch): boolean {
  return (
    from === state.position && to > from && to <= state.total && rows >= 0 && rows + skipped === to - from
  );
}

function advance(state: StreamState, batch: ExportBatch): StreamState {
  return {
    ...state,
    nextNumber: batch.number + 1,
    position: batch.to,
    skipped: state.skipped + batch.skipped,
  };
}
