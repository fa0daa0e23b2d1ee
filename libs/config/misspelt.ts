import type { FieldFault } from '@waybill/errors';

/** Shorter names are too alike by chance. */
const shortestName = 8;

/**
 * Variables that are one typing error away from a setting which is not set: with a default behind it, such an error
 * would pass in silence.
 */
export function misspelt(
  known: readonly string[],
  given: Readonly<Record<string, string | undefined>>,
): readonly FieldFault[] {
  const unset = known.filter((name) => given[name] === undefined && name.length >= shortestName);
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = unset.find((candidate) => oneSlip(name, candidate));
      return meant === undefined ? [] : [{ path: name, message: `is not a setting: did you mean ${meant}?` }];
    });
}

/** Whether one character was left out, added, replaced or swapped with its neighbour. */
function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const restA = a.slice(start);
  const restB = b.slice(start);
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2))
  );
}
