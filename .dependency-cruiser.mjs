/** Dependencies point one way: services → libs → schemas (ARCHITECTURE.md). */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means that two files are one. Type imports count.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'schemas-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^schemas/' },
      to: { path: '^(libs|services|scripts|tests|deploy)/' },
    },
    {
      name: 'libs-do-not-import-services',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^(services|scripts|tests|deploy)/' },
    },
    {
      name: 'services-do-not-import-each-other',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-do-not-import-scripts-or-tests',
      severity: 'error',
      from: { path: '^services/' },
      to: { path: '^(scripts|tests|deploy)/' },
    },
    {
      name: 'only-libs-kafka-knows-kafkajs',
      comment: 'kafkajs is no longer released: it stays behind the port (docs/adr).',
      severity: 'error',
      from: { pathNot: '^(libs/(kafka|testbed)/|schemas/)' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'production-code-does-not-import-test-support',
      severity: 'error',
      from: {
        path: '^(services|libs)/',
        pathNot: '(\\.test\\.ts|\\.int\\.test\\.ts|/testing/[^/]+\\.ts)$|^libs/(testbed|harness|fixtures)/',
      },
      to: { path: '^libs/(testbed|harness|fixtures)/' },
    },
    {
      name: 'public-surface-only',
      comment: 'A library is entered through its index.ts; its own files see each other.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/' },
      to: { path: '^libs/[^/]+/', pathNot: '^$1/$2/|^libs/[^/]+/index[.]ts$' },
    },
    {
      name: 'public-surface-only-for-the-rest',
      severity: 'error',
      from: { path: '^(schemas|scripts|tests|deploy)/' },
      to: { path: '^libs/[^/]+/', pathNot: '^libs/[^/]+/index[.]ts$' },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.waybill|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
