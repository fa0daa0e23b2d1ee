import type { Outcome } from '@waybill/kafka';

const order: readonly Outcome['kind'][] = ['retry', 'dead-letter', 'done', 'skip'];

/**
 * One outcome for a message that led to several emails: what may still work is tried again, and all that is done is
 * recognised then; else what never will is dead-lettered.
 */
export function combine(first: Outcome, ...rest: readonly Outcome[]): Outcome {
  const all = [first, ...rest];
  return (
    order.map((kind) => all.find((outcome) => outcome.kind === kind)).find((found) => found !== undefined) ??
    first
  );
}
