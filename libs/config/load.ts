import { ExportError, textIn, type FieldFault } from '@waybill/errors';
import type { z } from 'zod';
import { refusedInProduction } from './production.ts';
import { documentationOf } from './setting.ts';

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

/** Where settings come from: `process.env`, or a record in a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a schema from the environment. An empty variable counts as not set, because compose files and
 * charts pass unset variables as empty ones.
 * @throws ExportError CONFIGURATION_INVALID that lists every fault: missing, wrong and misspelt settings, and those
 * that are refused in production. It contains no
 * values, since some are secrets.
 */
export function loadSettings<S extends z.ZodObject>(schema: S, environment: Environment): z.output<S> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const faults = [
    ...(parsed.success
      ? refusedInProduction(schema, parsed.data)
      : parsed.error.issues.map((issue) => faultOf(issue, schema, given))),
    ...misspelt(Object.keys(schema.shape), given),
  ];
  if (parsed.success && faults.length === 0) return parsed.data;
  const lines = faults.map((fault) => `- ${fault.path} ${textIn(fault.message, 'en')}`);
  const count = faults.length === 1 ? '1 setting is wrong' : `${faults.length} settings are wrong`;
  throw new ExportError('CONFIGURATION_INVALID', {
    params: { reason: `${count}:\n${lines.join('\n')}` },
    errors: faults,
  });
}

function faultOf(issue: z.core.$ZodIssue, schema: z.ZodObject, given: Environment): FieldFault {
  const name = String(issue.path[0] ?? 'settings');
  if (Object.hasOwn(schema.shape, name) && given[name] === undefined) {
    const reason = documentationOf(schema.shape[name])?.reason;
    return { path: name, message: reason === undefined ? 'is missing' : `is missing: ${reason}` };
  }
  return { path: name, message: `is wrong: ${issue.message}` };
}
