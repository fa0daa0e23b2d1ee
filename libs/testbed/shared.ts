import { complete, fromEnvironment } from './addresses.ts';
import { TestbedError, type Addresses } from './types.ts';

/**
 * The servers that all tests of a run share, as the global set-up of vitest put them into the environment.
 *
 * @throws TestbedError outside of a run that has it.
 */
export function sharedAddresses(environment: NodeJS.ProcessEnv = process.env): Addresses {
  const addresses = complete(fromEnvironment(environment));
  if (addresses !== undefined) return addresses;
  throw new TestbedError(
    'No shared servers: run under `vitest --project integration` or e2e, or set what `npm run stack -- env` prints.',
  );
}
