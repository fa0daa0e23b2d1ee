/**
 * The process that holds the stack of `npm run stack -- up`. It is started by that command, reports to it over its IPC
 * channel how the start goes, and lives on without it.
 */
import { supervise } from '@waybill/testbed';

/** What the supervisor reports to the command that started it. */
export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

const abort = new AbortController();
let ready = false;

function report(message: SupervisorMessage): void {
  // The listener may go at any moment; `disconnect` below says so.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => abort.abort());
// Who asked for the stack has gone before it was there: nobody wants it any more, and no server outlives this process.
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
