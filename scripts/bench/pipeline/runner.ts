import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Course } from './contender.ts';

export type ContenderName = 'straight-line' | 'monolith' | 'reading';

/** The measurement of one run. */
export interface Run {
  readonly ms: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface Runner extends AsyncDisposable {
  run(key: string): Promise<Run>;
}

/** Starts a contender in a separate process, which stays warm between runs like the services. */
export async function startRunner(name: ContenderName, course: Course): Promise<Runner> {
  const child = fork(join(import.meta.dirname, 'process.ts'), [name, JSON.stringify(course)]);
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${name} ended in the middle of a run`);
  });
  failed.catch(() => undefined);
  await Promise.race([once(child, 'message'), failed]);
  return {
    async run(key) {
      child.send(key);
      const [run] = (await Promise.race([once(child, 'message'), failed])) as [Run]; // sent by process.ts
      return run;
    },
    [Symbol.asyncDispose]() {
      child.disconnect();
      return Promise.resolve();
    },
  };
}
