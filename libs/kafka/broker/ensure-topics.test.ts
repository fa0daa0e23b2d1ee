import { describe, expect, it } from 'vitest';
import { brokerTopics, minInsyncReplicasFor, replicationFactorFor } from './ensure-topics.ts';

describe('brokerTopics', () => {
  it('names batches before requested, so that a partition with requests has its batches', () => {
    const names = brokerTopics({ prefix: 'x.' }).map(({ topic }) => topic);
    for (const lane of ['', '.bulk']) {
      const batches = names.indexOf(`x.export.batches${lane}`);
      expect(batches).toBeGreaterThanOrEqual(0);
      expect(batches).toBeLessThan(names.indexOf(`x.export.requested${lane}`));
    }
  });

  it('gives requested and batches of both lanes the number of partitions of the deployment, and no other topic', () => {
    const counts = new Map(
      brokerTopics({ prefix: '', jobPartitions: 40 }).map((one) => [one.topic, one.partitions]),
    );
    expect([...counts].filter(([, count]) => count === 40).map(([topic]) => topic)).toEqual([
      'export.batches',
      'export.batches.bulk',
      'export.requested',
      'export.requested.bulk',
    ]);
  });
});

describe('replicationFactorFor', () => {
  it('is 3 where there are three brokers and 1 where there are fewer', () => {
    expect([1, 2, 3, 5].map((brokers) => replicationFactorFor(brokers, {}))).toEqual([1, 1, 3, 3]);
  });

  it('is the setting of the deployment if there is one', () => {
    expect(replicationFactorFor(5, { replicationFactor: 2 })).toBe(2);
  });
});

describe('minInsyncReplicasFor', () => {
  it('is 2 of three replicas and 1 of fewer', () => {
    expect([1, 2, 3].map((replicas) => minInsyncReplicasFor(replicas, {}))).toEqual([1, 1, 2]);
  });

  it('is the setting of the deployment, but never more than the topic has replicas', () => {
    const options = { minInsyncReplicas: 2 };
    expect([1, 2, 3].map((replicas) => minInsyncReplicasFor(replicas, options))).toEqual([1, 2, 2]);
  });
});
