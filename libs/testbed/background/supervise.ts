import { waybillPath } from '../waybill-directory.ts';
import { startStack } from '../stack.ts';
import type { Stack } from '../types.ts';
import { probe } from '../probes/probe.ts';
import { openControl } from './control.ts';
import { removeState, writeState } from './state.ts';

/** One server of the background stack. `detail` is the error of a server that does not answer. */
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
  /** Called when all servers answer and the state is written. */
  readonly onReady: () => void;
  /** Stops the stack when it is aborted, also during the start. */
  readonly signal: AbortSignal;
}

/**
 * Starts the stack, writes its state, and runs it until the control port or the signal stops it. Resolves when all servers
 * have stopped.
 *
 * @throws TestbedError or NativeStackError if a server does not start.
 */
export async function supervise({ onProgress, onReady, signal }: SuperviseOptions): Promise<void> {
  const stack = await startStack({ logDirectory: waybillPath('logs'), onProgress });
  const end = Promise.withResolvers<undefined>();
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping ??= stack.stop().then(removeState);
    await stopping;
    // Later, so that the answer to the request is sent first.
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
