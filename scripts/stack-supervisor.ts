/**
 * Runs the servers of `npm run stack -- up` in the background. That command starts this process, receives the progress of
 * the start over its IPC channel, and exits before it.
 */
import { supervise } from '@waybill/testbed';

/** A message of the supervisor to the command that started it. */
export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

const abort = new AbortController();
let ready = false;

function report(message: SupervisorMessage): void {
  // The command may exit at any time, which `disconnect` below handles.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
// The command was ended during the start, so the stack is not needed. All servers end with this process.
process.on('disconnect', () => {
  if (!ready) process.exit(1);
});

try {
  await supervise({
    onProgress(line) {
      console.log(line);
      report({ kind: 'progress', line });
    },
    onReady() {
      ready = true;
      report({ kind: 'ready' });
    },
    signal: abort.signal,
  });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(reason);
  report({ kind: 'failed', reason });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
