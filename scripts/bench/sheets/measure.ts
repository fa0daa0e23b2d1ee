import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Measurement, Sample, Task } from './contenders.ts';

const SCRIPT = join(import.meta.dirname, 'process.ts');

/**
 * Folder of Node's compile cache, which the services use too. Without it each process needs 60 ms and 35 MB to strip
 * types.
 */
const COMPILE_CACHE = join(tmpdir(), 'waybill-bench-compile-cache');

/**
 * Runs one contender in a separate process.
 * @throws Error if the process fails.
 */
export async function measure(task: Task, nodeFlags: readonly string[] = []): Promise<Measurement> {
  const args = [...nodeFlags, SCRIPT, task.contender, String(task.rows), String(task.level)];
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const wallMs = performance.now() - start;
  if (child.exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${String(child.exitCode)}`);
  // The child is our own process.ts, whose only output is a Sample.
  const sample = JSON.parse(output) as Sample;
  return { ...sample, wallMs };
}

/** Returns the median of numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
