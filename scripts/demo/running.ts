import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '@waybill/testbed';
import { readRunFile, type RunFile } from '../local/run-file.ts';

/** A running installation. Call `release()` after use. */
export interface Running {
  readonly run: RunFile;
  /** Stops the installation if this process started it. */
  release(): Promise<void>;
}

/** The first start builds the servers, which takes minutes. */
const startLimitMs = 900_000;

/** Returns the running installation, or starts one in the same way as `npm start`. */
export async function ensureRunning(): Promise<Running> {
  const running = readRunFile();
  if (running !== undefined) return { run: running, release: () => Promise.resolve() };

  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'start.ts')], {
    // Its progress goes to standard error, since the last line of the output is that of the demo.
    // The channel closes when this process ends for any reason, and the child stops then.
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  const ended = once(child, 'exit');
  const interrupt = (): void => {
    child.kill('SIGINT');
  };
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const release = async (): Promise<void> => {
    process.removeListener('SIGINT', interrupt);
    process.removeListener('SIGTERM', interrupt);
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT');
      await ended;
    }
  };
  const run = await waitFor(() => (child.exitCode !== null ? 'ended' : readRunFile()), {
    limitMs: startLimitMs,
    everyMs: 100,
    what: 'npm start to be ready',
  });
  if (run === 'ended') {
    console.error('Waybill did not start: see above.');
    process.exit(1);
  }
  return { run, release };
}
