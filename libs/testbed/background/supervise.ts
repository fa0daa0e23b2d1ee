import { waybillPath } from '../waybill-directory.ts';
import { startStack } from '../stack.ts';
import type { Stack } from '../types.ts';
import { probe } from '../probes/probe.ts';
import { openControl } from './control.ts';
import { removeState, writeState } from './state.ts';

/** One server of the background stack; `detail` says what is wrong with one that does not answer. */
export interface ServerStatus {
  readonly name: string;
  readonly id: string;
  readonly up: boolean;
  readonly detail: string;
}

async function statusOf(stack: Stack): Promise<ServerStatus[]> {
  return Promise.all(
    Object.values(stack.servers).map(async ({ name, id, addresses }) => {
      try {
        await probe(addresses);
        return { name, id, up: true, detail: '' };
      } catch (error) {
        return { name, id, up: false, detail: error instanceof Error ? error.message : String(error) };
      }
    }),
  );
}

export interface SuperviseOptions {
  readonly onProgress: (line: string) => void;
  /** Called when the state is written and all servers answer. */
  readonly onReady: () => void;
  /** Ends the stack when it aborts, also while it starts. */
  readonly signal: AbortSignal;
}

/**
 * Starts the stack, writes where it is, and holds it until it is asked to stop: by the control port or the signal.
 * Resolves when all is stopped.
 *
 * @throws TestbedError or NativeStackError where it does not start.
 */
export async function supervise({ onProgress, onReady, signal }: SuperviseOptions): Promise<void> {
  const stack = await startStack({ logDirectory: waybillPath('logs'), onProgress });
  const end = Promise.withResolvers<undefined>();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping ??= stack.stop().then(removeState);
    await stopping;
    // After the answer to who asked is on its way.
    setImmediate(() => end.resolve(undefined));
  };
  const control = await openControl({ status: () => statusOf(stack), stop });
  const servers = Object.values(stack.servers).map(({ name, id }) => ({ name, id }));
  await writeState({
    pid: process.pid,
    startedAt: new Date().toISOString(),
    mode: stack.mode,
    control: { url: control.url, token: control.token },
    servers,
    addresses: stack.addresses,
  });
  if (signal.aborted) void stop();
  else signal.addEventListener('abort', () => void stop(), { once: true });
  onReady();
  await end.promise;
  control.close();
}
