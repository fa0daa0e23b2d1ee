/**
 * The process that holds the stack of `npm run stack -- up`. It is started by that command, tells it over its IPC
 * channel how the start goes, and lives on without it.
 */
import { supervise } from '@waybill/testbed';

/** What the supervisor tells the command that started it. */
export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string };

const abort = new AbortController();
let ready = false;

function tell(message: SupervisorMessage): void {
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
      tell({ kind: 'progress', line });
    },
    onReady() {
      ready = true;
      tell({ kind: 'ready' });
    },
    signal: abort.signal,
  });
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(reason);
  tell({ kind: 'failed', reason });
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
