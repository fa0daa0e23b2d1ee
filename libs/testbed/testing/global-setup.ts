import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBackgroundStack, startStack, toEnvironment } from '../index.ts';

/**
 * Global set-up of vitest: one set of servers for the whole run, whose addresses the workers find in their environment
 * (`sharedAddresses`). Servers that the environment gives are used as they are, then those that `npm run stack -- up`
 * has left running; only what is then missing is started.
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
