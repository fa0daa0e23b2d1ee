import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBackgroundStack, startStack, toEnvironment } from '../index.ts';

/**
 * Starts one set of servers for a run of vitest, and stores their addresses in the environment of the workers
 * (`sharedAddresses`). Uses servers in the environment first and then those of `npm run stack -- up`, and starts only the
 * missing ones.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const background = await findBackgroundStack();
  const environment = { ...(background && toEnvironment(background.state.addresses)), ...process.env };
  const stack = await startStack({ environment });
  Object.assign(process.env, toEnvironment(stack.addresses));
  // Workers, and the processes that tests start, compile each version of a file once.
  process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'waybill-compile-cache');
  return () => stack.stop();
}
