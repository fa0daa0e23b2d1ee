import type { ExportBatch } from '@waybill/schemas';

/** How far a job's stream was applied. */
export interface StreamState {
  /** Number of the next expected message. */
  readonly nextNumber: number;
  /** Position in the frozen selection after the last batch. */
  readonly position: number;
  /** Contacts skipped so far, as counted by the batches. */
  readonly skipped: number;
  /** Ids of the skipped contacts, by batch: a list for each batch that has some. */
  readonly skippedIds: readonly (readonly string[])[];
  /** Size of the frozen selection, as given by the plan. */
  readonly total: number;
}

export type Step =
  /** The message was applied before. */
  | { readonly kind: 'repeat' }
  | { readonly kind: 'write'; readonly after: StreamState }
  | { readonly kind: 'finish' }
  /** The resolver ended the job without all its rows. */
  | { readonly kind: 'abort' }
  /** A message before it is missing, or it does not fit. */
  | { readonly kind: 'gap' };

export function streamStart(total: number): StreamState {
  return { nextNumber: 1, position: 0, skipped: 0, skippedIds: [], total };
}

/**
 * Decides what to do with a message of a stream whose plan was read. A batch fits if its number is the next, it starts at
 * the position that was reached, and its counts add up. The end fits if every position was reached.
 */
export function nextStep(state: StreamState, batch: ExportBatch): Step {
  if (batch.end !== null && batch.end.outcome !== 'resolved') return { kind: 'abort' };
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
    skippedIds: batch.skipped_ids.length === 0 ? state.skippedIds : [...state.skippedIds, batch.skipped_ids],
  };
}
