import { describe, expect, it } from 'vitest';
import { deadLetterTopic, jobTopics, serviceTopics, topics } from './topics.ts';

const byName = new Map(topics.map((settings) => [settings.topic, settings]));

describe('topic table', () => {
  it('names each topic once, including retry and dead-letter topics', () => {
    const names = [...topics, ...serviceTopics()].map(({ topic }) => topic);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['export.requested', 'export.batches'],
    ['export.requested.bulk', 'export.batches.bulk'],
  ] as const)(
    'has equal partition counts for %s and %s, so that a job has the same partition in both',
    (one, other) => {
      expect(byName.get(one)?.partitions).toBe(byName.get(other)?.partitions);
    },
  );

  it('has requested and batches of both lanes as job topics, which have one number of partitions', () => {
    const lanes = topics.filter(({ topic }) => /^export\.(requested|batches)/.test(topic));
    expect(jobTopics).toEqual(lanes.map(({ topic }) => topic));
    expect(lanes.map(({ partitions }) => partitions)).toEqual([24, 24, 24, 24]);
  });

  it('has the settings of the standard lane for the bulk lane', () => {
    for (const topic of ['export.requested', 'export.batches'] as const) {
      expect({ ...byName.get(`${topic}.bulk`), topic }).toEqual(byName.get(topic));
    }
  });

  it('keeps completed events for 100 days, since history is rebuilt from them', () => {
    expect(byName.get('export.completed')?.retentionMs).toBe(100 * 86_400_000);
  });

  it('has a dead-letter topic for each service, large enough for any message and its headers', () => {
    const largest = Math.max(...topics.map(({ maxMessageBytes }) => maxMessageBytes));
    for (const service of ['intake', 'resolver', 'render', 'notify', 'history'] as const) {
      const letters = serviceTopics().find(({ topic }) => topic === deadLetterTopic(service));
      expect(letters?.maxMessageBytes, service).toBeGreaterThan(largest);
    }
  });

  it('has one retry topic for each service whose dead letters can be redriven', () => {
    const retries = serviceTopics().filter(({ topic }) => topic.includes('retry'));
    expect(retries.map(({ topic }) => topic)).toEqual(['intake.retry', 'notify.retry', 'history.retry']);
  });
});
