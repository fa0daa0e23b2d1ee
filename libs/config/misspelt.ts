import type { FieldFault } from '@waybill/errors';

/** Shorter names are too similar by chance. */
const shortestName = 8;

/**
 * Returns a fault for each variable that is one typing error away from a setting that is not set. Without it the default
 * of the setting would hide the error.
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

/** Returns whether one character was omitted, added, replaced or swapped with its neighbour. */
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
