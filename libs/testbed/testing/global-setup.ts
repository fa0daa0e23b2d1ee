import { startStack, toEnvironment } from '../index.ts';

/**
 * Global set-up of vitest: one set of servers for the whole run, whose addresses the workers find in their environment
 * (`sharedAddresses`). Servers that the environment gives already are used as they are.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const stack = await startStack();
  Object.assign(process.env, toEnvironment(stack.addresses));
  return () => stack.stop();
}
