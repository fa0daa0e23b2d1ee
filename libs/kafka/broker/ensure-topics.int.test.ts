import { sampleProgress } from '@waybill/fixtures';
import { jobTopics, serviceTopics, topics } from '@waybill/schemas';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { openPort } from '../testing/port.ts';

describe('ensureTopics', () => {
  it('creates every topic of the table with its partitions, retention and size', async () => {
    await using port = await openPort();
    for (const wanted of [...topics, ...serviceTopics()]) {
      const found = await port.raw.describe(wanted.topic);
      const partitions = jobTopics.some((topic) => topic === wanted.topic) ? 6 : wanted.partitions;
      expect(found.partitions, wanted.topic).toBe(partitions);
      expect(found.config, wanted.topic).toMatchObject({
        'retention.ms': String(wanted.retentionMs),
        'max.message.bytes': String(wanted.maxMessageBytes),
        'cleanup.policy': 'delete',
        // The broker of the tests is alone.
        'min.insync.replicas': '1',
      });
    }
  });

  it('widens topics with fewer partitions than wanted and leaves those with more as they are', async () => {
    await using port = await openPort();
    const counts = async () => {
      const found = await Promise.all(jobTopics.map((topic) => port.raw.describe(topic)));
      return found.map(({ partitions }) => partitions);
    };
    await port.kafka.ensureTopics({ jobPartitions: 8 });
    expect(await counts()).toEqual([8, 8, 8, 8]);
    await port.kafka.ensureTopics({ jobPartitions: 6 });
    expect(await counts()).toEqual([8, 8, 8, 8]);
  });

  it('never asks for more in-sync replicas than a topic has', async () => {
    await using port = await openPort();
    await port.raw.configure('export.batches', { 'min.insync.replicas': '2' });
    const shows = async (minimum: string) =>
      (await port.raw.describe('export.batches')).config['min.insync.replicas'] === minimum;
    await waitFor(() => shows('2'), { limitMs: 5_000, what: "the operator's setting" });
    await port.kafka.ensureTopics({ jobPartitions: 6, minInsyncReplicas: 2 });
    await waitFor(() => shows('1'), { limitMs: 5_000, what: 'one in-sync replica' });
  });

  it('changes nothing when it is repeated, also by several services at the same time', async () => {
    await using port = await openPort();
    await Promise.all([
      port.kafka.ensureTopics({ jobPartitions: 6 }),
      port.another().ensureTopics({ jobPartitions: 6 }),
      port.another().ensureTopics({ jobPartitions: 6 }),
    ]);
    const found = await port.raw.describe('export.completed');
    expect(found.partitions).toBe(6);
  });

  it('applies the settings of the table to an existing topic and keeps other settings of an operator', async () => {
    await using port = await openPort();
    const shows = async (retentionMs: string) => {
      const { config } = await port.raw.describe('export.progress');
      return config['retention.ms'] === retentionMs && config['segment.ms'] === '7200000';
    };
    await port.raw.configure('export.progress', { 'retention.ms': '1000', 'segment.ms': '7200000' });
    // A broker acknowledges a change before it shows it.
    await waitFor(() => shows('1000'), { limitMs: 5_000, what: "the operator's settings" });
    await port.kafka.ensureTopics({ jobPartitions: 6 });
    await waitFor(() => shows('86400000'), { limitMs: 5_000, what: 'the settings of the table' });
  });
});

describe('logRanges', () => {
  it('returns the first and the next offset of each partition', async () => {
    await using port = await openPort();
    for (const number of [1, 2, 3]) {
      await port.producer.send('export.progress', sampleProgress('job-1', number));
    }
    const [first] = await port.raw.read('export.progress');
    const partition = first?.partition ?? -1;
    await port.raw.deleteBelow('export.progress', partition, 2n);
    const ranges = await port.kafka.logRanges('export.progress');
    expect(ranges.map((range) => range.partition).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ranges.find((range) => range.partition === partition)).toEqual({ partition, low: 2n, high: 3n });
    const others = ranges.filter((range) => range.partition !== partition);
    expect(others.every(({ low, high }) => low === 0n && high === 0n)).toBe(true);
  });
});
