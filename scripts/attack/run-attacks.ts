import { asError } from '@waybill/errors';
import type { Answer, Attack } from './attack.ts';
import { headerAttacks } from './headers.ts';
import { injectionAttacks } from './injection.ts';
import { oversizedAttacks } from './oversized.ts';
import { slowAttacks } from './slow.ts';
import type { Target } from './target.ts';
import { tenantAttacks } from './tenants.ts';
import { tokenAttacks } from './tokens.ts';

export interface AttackReport {
  readonly attempts: number;
  /** Answers that contained something of another company, of the code or of a server. */
  readonly leaks: number;
  /** Attempts with another status than expected, or with a leak. */
  readonly unexpected: readonly string[];
}

/** Every list of attacks by its name. */
const lists = {
  tokens: tokenAttacks,
  tenants: tenantAttacks,
  injection: injectionAttacks,
  oversized: oversizedAttacks,
  headers: headerAttacks,
  slow: slowAttacks,
} satisfies Readonly<Record<string, (target: Target) => readonly Attack[]>>;

export type ListName = keyof typeof lists;
// Object.keys returns the keys of the object above.
export const listNames = Object.keys(lists) as readonly ListName[];

/** Runs lists of attacks one after the other. Attacks that wait for a time limit of the service run at the same time. */
export async function runAttacks(
  target: Target,
  names: readonly ListName[],
  say: (line: string) => void,
): Promise<AttackReport> {
  const unexpected: string[] = [];
  let [attempts, leaks] = [0, 0];
  const judge = async (list: ListName, attack: Attack): Promise<void> => {
    const name = `${list}: ${attack.name}`;
    attempts += 1;
    const answer = await attack.send().catch((error: unknown) => asError(error));
    if (answer instanceof Error) {
      unexpected.push(`${name}: no answer (${answer.message})`);
      return;
    }
    if (!attack.expected.includes(answer.status)) {
      unexpected.push(`${name}: ${answer.status} instead of ${attack.expected.join(' or ')}`);
    }
    const leaked = leakOf(answer, target.markers);
    if (leaked === undefined) return;
    leaks += 1;
    unexpected.push(`${name}: the answer contains ${leaked}`);
  };
  for (const list of names) {
    const attacks = lists[list](target);
    if (list === 'slow') await Promise.all(attacks.map((attack) => judge(list, attack)));
    else for (const attack of attacks) await judge(list, attack);
    say(`${list}: ${attacks.length} attacks`);
  }
  return { attempts, leaks, unexpected };
}

/** What an answer must not contain, besides the texts of another company. */
const secrets: readonly (readonly [string, RegExp])[] = [
  ['a stack trace', /\bat [^\n]*\.[cm]?[jt]s:\d+|node_modules|file:\/\/\//],
  [
    'the error of a library',
    /Mongo(Server|Network)?Error|KafkaJS|ECONNREFUSED|ZodError|SyntaxError|TypeError/,
  ],
  ['the address of a server', /(mongodb|redis|kafka|smtp)s?:\/\//i],
];

/** A header that names the software of the server. */
const serverHeader = /^(server|x-powered-by|via):/im;

/** Returns what an answer reveals; undefined if nothing. */
export function leakOf({ headers, body }: Answer, markers: readonly string[]): string | undefined {
  const marker = markers.find((text) => body.includes(text) || headers.includes(text));
  if (marker !== undefined) return `"${marker}" of another company`;
  if (serverHeader.test(headers)) return 'the name of the server';
  return secrets.find(([, pattern]) => pattern.test(body))?.[0];
}
