import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import type { RawMessage } from '../types/dead-letter.ts';
import { readMessage } from './incoming.ts';
import { retryHeaders } from './retry-headers.ts';

const reader = {
  group: 'waybill.notify',
  service: 'notify',
  prefix: 'p.',
  topics: ['export.completed'],
} as const;
const origin = {
  topic: 'export.completed',
  partition: 4,
  offset: 17n,
  group: 'waybill.notify',
  tries: 2,
};
const retryPartition = { topic: 'p.notify.retry', partition: 0 };
const cause = new ExportError('STORAGE_FAILED', { params: { reason: 'x'.repeat(5_000) } });

function raw(headers: RawMessage['headers']): RawMessage {
  return { key: Buffer.from('job-1'), value: Buffer.from([1]), timestamp: '5', offset: '9', headers };
}

function retried(changes: Record<string, string> = {}): RawMessage {
  const headers = retryHeaders(origin, cause, 99);
  return raw({ binary: Buffer.from([255]), ce_id: 'id', ...headers, ...changes });
}

describe('readMessage', () => {
  it('returns a message of an own topic with its own place as origin', () => {
    const reading = readMessage(
      reader,
      { topic: 'p.export.completed', partition: 3 },
      raw({ ce_id: Buffer.from('id') }),
    );
    expect(reading).toMatchObject({
      kind: 'handle',
      incoming: {
        origin: { topic: 'export.completed', partition: 3, offset: 9n, tries: 0 },
        headers: { ce_id: 'id' },
      },
    });
  });

  it('returns a message of a retry topic with its origin and its own headers', () => {
    const reading = readMessage(reader, retryPartition, retried());
    expect(reading).toMatchObject({ kind: 'handle', incoming: { origin } });
    if (reading.kind !== 'handle') return;
    // Bytes that are not text stay unchanged, and the port's own headers are removed.
    expect(reading.incoming.rawHeaders).toEqual({ binary: Buffer.from([255]), ce_id: 'id' });
  });

  it('ignores a message of a retry topic that belongs to another group or to a topic that it does not read', () => {
    const theirs = retried({ 'waybill-group': 'waybill.other' });
    expect(readMessage(reader, retryPartition, theirs).kind).toBe('not-ours');
    const foreign = retried({ 'waybill-source-topic': 'export.progress' });
    expect(readMessage(reader, retryPartition, foreign).kind).toBe('not-ours');
  });

  it.each([
    ['no headers', raw(undefined)],
    ['no offset', retried({ 'waybill-source-offset': 'minus one' })],
    ['no partition', retried({ 'waybill-source-partition': 'x' })],
    ['no count of tries', retried({ 'waybill-tries': 'some' })],
  ])('returns a message of a retry topic with %s as unroutable', (_, message) => {
    expect(readMessage(reader, retryPartition, message).kind).toBe('unroutable');
  });
});

describe('retryHeaders', () => {
  it('cuts the message of the cause at 1,000 characters', () => {
    const headers = retryHeaders(origin, cause, 99);
    expect(headers['waybill-cause-code']).toBe('STORAGE_FAILED');
    expect(headers['waybill-cause-message']).toHaveLength(1_000);
  });
});
