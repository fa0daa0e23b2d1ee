import { z } from 'zod';
import { readState, removeState, type StackState } from './state.ts';
import type { ServerStatus } from './supervise.ts';
import { TestbedError } from '../types.ts';

const STATUS_LIMIT_MS = 5_000;
/** Kafka may need ten seconds before it is killed. */
const STOP_LIMIT_MS = 30_000;

const statusSchema = z.array(
  z.object({ name: z.string(), id: z.string(), up: z.boolean(), detail: z.string() }),
);

/** A running stack in the background. */
export interface BackgroundStack {
  readonly state: StackState;
  readonly servers: readonly ServerStatus[];
}

async function ask(state: StackState, method: string, path: string, limitMs: number): Promise<Response> {
  return fetch(`${state.control.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${state.control.token}` },
    signal: AbortSignal.timeout(limitMs),
  });
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

function hangs(state: StackState): TestbedError {
  const pid = String(state.pid);
  return new TestbedError(
    `The stack (process ${pid}) does not answer: look at .waybill/logs, or end it with kill -9 ${pid}; its servers end with it.`,
  );
}

/**
 * Returns the running stack of `npm run stack -- up`, if there is one. Removes the state of a stack that has ended.
 *
 * @throws TestbedError if its process runs but does not answer.
 */
export async function findBackgroundStack(): Promise<BackgroundStack | undefined> {
  const state = await readState();
  if (state === undefined) return undefined;
  try {
    const response = await ask(state, 'GET', '/status', STATUS_LIMIT_MS);
    if (response.ok) return { state, servers: statusSchema.parse(await response.json()) };
  } catch (error) {
    if (isTimeout(error)) throw hangs(state);
  }
  // The connection is refused or another program uses the port, so the stack and its servers have ended.
  await removeState();
  return undefined;
}

/** Stops the stack in the background. Resolves when all of it has stopped, with false if none was running. */
export async function stopBackgroundStack(): Promise<boolean> {
  const found = await findBackgroundStack();
  if (found === undefined) return false;
  try {
    await (await ask(found.state, 'POST', '/stop', STOP_LIMIT_MS)).body?.cancel();
  } catch (error) {
    throw isTimeout(error) ? hangs(found.state) : error;
  }
  return true;
}
