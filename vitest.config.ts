import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Starts the tests of outages first: they wait for minutes, in which the other workers run the rest. */
class OutagesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = ({ moduleId }: TestSpecification): boolean => moduleId.includes('/outage');
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

/** The development issuer, test keys and plain http are refused otherwise. */
const env = { WAYBILL_MODE: 'development' };
const sources = '{services,libs,schemas,scripts,deploy,tests}';

export default defineConfig({
  test: {
    // The files of a worker share its modules: loading them again for each file took most of the time.
    isolate: false,
    sequence: { sequencer: OutagesFirst },
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: [`${sources}/**/*.test.ts`],
          exclude: ['**/node_modules/**', '**/*.int.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          env,
          include: [`${sources}/**/*.int.test.ts`],
          exclude: ['**/node_modules/**'],
          setupFiles: ['libs/service/testing/setup.ts'],
          globalSetup: ['libs/testbed/testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // One of them waits in the tests of outages.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'e2e',
          env,
          include: ['tests/**/*.e2e.test.ts'],
          exclude: ['**/node_modules/**'],
          setupFiles: ['libs/service/testing/setup.ts'],
          globalSetup: ['libs/testbed/testing/global-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
