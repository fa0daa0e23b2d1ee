import { ExportError } from '@waybill/errors';
import { describe, expect, it } from 'vitest';
import { readMessage, type RawMessage } from './incoming.ts';
import { dueHeaders, redeliveryHeaders } from './retry-headers.ts';

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
  deliveries: 2,
};
const cause = new ExportError('STORAGE_FAILED', { params: { reason: 'x'.repeat(5_000) } });

function raw(headers: RawMessage['headers']): RawMessage {
  return { key: Buffer.from('job-1'), value: Buffer.from([1]), timestamp: '5', offset: '9', headers };
}

function redelivered(changes: Record<string, string> = {}): RawMessage {
  const headers = { ...redeliveryHeaders(origin, cause, 99), ...dueHeaders(1_234) };
  return raw({ binary: Buffer.from([255]), ce_id: 'id', ...headers, ...changes });
}

describe('a message', () => {
  it('of one of the own topics is its own origin', () => {
    const reading = readMessage(reader, 'p.export.completed', 3, raw({ ce_id: Buffer.from('id') }));
    expect(reading).toMatchObject({
      kind: 'deliver',
      incoming: {
        origin: { topic: 'export.completed', partition: 3, offset: 9n, deliveries: 0 },
        headers: { ce_id: 'id' },
        dueAt: 0,
      },
    });
  });

  it('of a retry topic is delivered as the message that it was, when it is due', () => {
    const reading = readMessage(reader, 'p.notify.retry.5m', 0, redelivered());
    expect(reading).toMatchObject({ kind: 'deliver', incoming: { origin, dueAt: 1_234 } });
    if (reading.kind !== 'deliver') return;
    // Bytes that are no text stay what they are, and the port's own headers are gone.
    expect(reading.incoming.rawHeaders).toEqual({ binary: Buffer.from([255]), ce_id: 'id' });
  });

  it('of a retry topic that another group put there is not ours, nor one of a topic that we do not read', () => {
    const theirs = redelivered({ 'waybill-group': 'waybill.other' });
    expect(readMessage(reader, 'p.notify.retry.5m', 0, theirs).kind).toBe('not-ours');
    const foreign = redelivered({ 'waybill-source-topic': 'export.progress' });
    expect(readMessage(reader, 'p.notify.retry.5m', 0, foreign).kind).toBe('not-ours');
  });

  it.each([
    ['no headers', raw(undefined)],
    ['no offset', redelivered({ 'waybill-source-offset': 'minus one' })],
    ['no partition', redelivered({ 'waybill-source-partition': 'x' })],
    ['no count of deliveries', redelivered({ 'waybill-deliveries': 'some' })],
    ['no due time', redelivered({ 'waybill-due-at': 'later' })],
  ])('of a retry topic with %s has no home', (_, message) => {
    expect(readMessage(reader, 'p.notify.retry.5m', 0, message).kind).toBe('homeless');
  });
});

describe('the headers of a redelivery', () => {
  it('carry no more than a sentence of the cause', () => {
    const headers = redeliveryHeaders(origin, cause, 99);
    expect(headers['waybill-cause-code']).toBe('STORAGE_FAILED');
    expect(headers['waybill-cause-message']).toHaveLength(1_000);
  });
});
