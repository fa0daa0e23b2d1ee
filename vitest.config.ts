import { defineConfig } from 'vitest/config';

const sources = '{services,libs,schemas,scripts,deploy,tests}';

export default defineConfig({
  test: {
    // The files of a worker share its modules: loading them again for each file took most of the time.
    isolate: false,
    projects: [
      {
        test: {
          name: 'unit',
          include: [`${sources}/**/*.test.ts`],
          exclude: ['**/node_modules/**', '**/*.int.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: [`${sources}/**/*.int.test.ts`],
          exclude: ['**/node_modules/**'],
          setupFiles: ['libs/service/testing/setup.ts'],
          globalSetup: ['libs/testbed/testing/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
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
