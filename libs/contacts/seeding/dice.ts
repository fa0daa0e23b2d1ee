import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Chance that repeats itself: equal seeds give equal throws. */
export interface Dice {
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  pick<T>(list: readonly T[]): T;
  /** True once in `times` on average. */
  oneIn(times: number): boolean;
}

export function createDice(seed: number): Dice {
  const generator = xoroshiro128plus(seed);
  const between = (from: number, to: number): number => uniformInt(generator, from, to);
  return {
    between,
    pick(list) {
      const picked = list[between(0, list.length - 1)];
      if (picked === undefined) throw new RangeError('There is nothing to pick from an empty list.');
      return picked;
    },
    oneIn: (times) => between(1, times) === 1,
  };
}

/** The same contact has the same dice, whichever others are made. */
export function diceOf(seed: number, index: number): Dice {
  // The multiplier is Knuth's (2^32 divided by the golden ratio): neighbours get seeds far apart.
  return createDice((seed + Math.imul(index, 0x9e3779b1)) | 0);
}
