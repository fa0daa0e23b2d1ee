import { asError } from '@waybill/errors';
import pTimeout from 'p-timeout';

/** Resolves if a dependency answers; rejects with the reason otherwise. */
export type Check = () => Promise<void>;

/** The answer of /readyz: the state of each dependency by name. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>;
  /** The errors of the failed checks: for the log, not for the answer. */
  readonly errors: Readonly<Record<string, Error>>;
}

export interface Probes {
  /**
   * Adds a dependency that the service cannot work without.
   * @throws TypeError if the name is used already.
   */
  add(name: string, check: Check): void;
  /** Checks every dependency now. Calls at the same time share one check. */
  check(): Promise<Readiness>;
}

export interface ProbesOptions {
  /** How long a dependency may take to answer; 2 s by default, less than the timeout of a prober. */
  readonly timeoutMs?: number;
}

/** Returns probes without dependencies. Each check has a time limit, so that a dependency that hangs has failed. */
export function createProbes(options: ProbesOptions = {}): Probes {
  const checks = new Map<string, Check>();
  let running: Promise<Readiness> | undefined;
  return {
    add: (name, check) => {
      if (checks.has(name)) {
        throw new TypeError(`There is already a probe ${name}. Give each dependency its own name.`);
      }
      checks.set(name, check);
    },
    check: () => {
      running ??= runChecks(checks, options.timeoutMs ?? 2_000).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

async function runChecks(checks: ReadonlyMap<string, Check>, timeoutMs: number): Promise<Readiness> {
  const errors: Record<string, Error> = {};
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => {
      try {
        await withTimeout(check, timeoutMs);
        return [name, 'ok'] as const;
      } catch (error) {
        errors[name] = asError(error);
        return [name, 'failed'] as const;
      }
    }),
  );
  return {
    ready: results.every(([, result]) => result === 'ok'),
    checks: Object.fromEntries(results),
    errors,
  };
}

/** Runs a check that counts as failed if it hangs. */
function withTimeout(check: Check, milliseconds: number): Promise<void> {
  const message = `no answer within ${milliseconds} ms`;
  // A check may throw before it returns a promise.
  return pTimeout(Promise.resolve().then(check), { milliseconds, message });
}
