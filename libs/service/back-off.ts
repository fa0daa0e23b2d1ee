export interface BackOff {
  /** The first delay, doubled after each failure. */
  readonly fromMs: number;
  /** The longest delay. */
  readonly toMs: number;
}

/**
 * Returns the delay after the given failure (1 is the first), in ms. Half of it is fixed and half random, so that
 * instances that lost the same server do not retry at the same moment. `random` is in [0, 1).
 */
export function delayAfter(failure: number, { fromMs, toMs }: BackOff, random: number): number {
  // 2 ** 30 is past any cap, and keeps the product finite.
  const full = Math.min(toMs, fromMs * 2 ** Math.min(failure - 1, 30));
  return Math.round(full / 2 + (full / 2) * random);
}
