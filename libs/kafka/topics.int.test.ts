import { serviceTopics, topics } from '@waybill/schemas';
import { describe, expect, it } from 'vitest';
import { openPort } from './testing/port.ts';

describe('ensureTopics', () => {
  it('creates every topic of the table with its partitions, retention and size', async () => {
    await using port = await openPort();
    for (const wanted of [...topics, ...serviceTopics()]) {
      const found = await port.raw.describe(wanted.topic);
      expect(found.partitions, wanted.topic).toBe(wanted.partitions);
      expect(found.config, wanted.topic).toMatchObject({
        'retention.ms': String(wanted.retentionMs),
        'max.message.bytes': String(wanted.maxMessageBytes),
        'cleanup.policy': 'delete',
      });
    }
  });

  it('changes nothing when it is repeated, also by several services at once', async () => {
    await using port = await openPort();
    await Promise.all([
      port.kafka.ensureTopics(),
      port.another().ensureTopics(),
      port.another().ensureTopics(),
    ]);
    const found = await port.raw.describe('export.completed');
    expect(found.partitions).toBe(6);
  });

  it('gives an existing topic the settings of the table and keeps what an operator has set beside them', async () => {
    await using port = await openPort();
    await port.raw.configure('export.progress', { 'retention.ms': '1000', 'segment.ms': '7200000' });
    await port.kafka.ensureTopics();
    const { config } = await port.raw.describe('export.progress');
    expect(config).toMatchObject({ 'retention.ms': '86400000', 'segment.ms': '7200000' });
  });
});
