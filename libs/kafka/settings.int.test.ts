import { defineSettings, kafkaSettings, loadSettings } from '@waybill/config';
import { sampleProgress } from '@waybill/fixtures';
import { createMetrics, silentLogger } from '@waybill/observability';
import { MoodyServer, sharedAddresses } from '@waybill/testbed';
import { expect, it } from 'vitest';
import { kafkaFromSettings } from './index.ts';

it('kafkaFromSettings limits each answer of the registry and the whole send', async () => {
  await using registry = await MoodyServer.start();
  registry.mood = { kind: 'hang' };
  const settings = loadSettings(defineSettings(kafkaSettings), {
    KAFKA_BROKERS: sharedAddresses().kafka.brokers,
    SCHEMA_REGISTRY_URL: registry.url,
    SCHEMA_REGISTRY_TIMEOUT_MS: '100',
    KAFKA_SEND_TIMEOUT_MS: '2000',
  });
  const metrics = createMetrics('test', { processMetrics: false });
  const kafka = kafkaFromSettings(settings, { clientId: 'test', logger: silentLogger(), metrics });
  const sent = kafka.createProducer().send('export.progress', sampleProgress('job-1', 1));
  const cause: unknown = expect.objectContaining({
    message: 'The answer of the registry took longer than 2000 ms.',
  });
  await expect(sent).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause });
  // With the default of 3 s there would be one.
  expect(registry.received.length).toBeGreaterThan(1);
  await kafka.close();
});
