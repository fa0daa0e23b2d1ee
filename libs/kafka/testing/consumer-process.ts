import { createMetrics, silentLogger } from '@waybill/observability';
import { createKafka, done } from '../index.ts';

/**
 * Runs a consumer in a process that the test kills. Prints a line with the key of each handled message. Arguments:
 * brokers, registry, prefix.
 */
const [brokers = '', registryUrl = '', prefix = ''] = process.argv.slice(2);
const kafka = createKafka({
  brokers,
  clientId: 'killed',
  registryUrl,
  prefix,
  logger: silentLogger(),
  metrics: createMetrics('killed', { processMetrics: false }),
  // The shortest that brokers allow by default, so that the group soon removes a killed member.
  tuning: { sessionTimeoutMs: 6_000 },
});
await kafka
  .createConsumer({
    group: 'g',
    service: 'intake',
    topics: ['export.progress'],
    retry: { tries: 3, fromMs: 50, toMs: 200 },
    handler: async ({ key }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      process.stdout.write(`${key}\n`);
      return done();
    },
  })
  .start();
