import { ExportError } from '@waybill/errors';
import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { deadLetter, done, type UnreadMessage } from '../index.ts';
import { openPort, quickRetry, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'intake', topics: [topic], retry: quickRetry } as const;

/** Sends bytes that cannot be decoded, then a valid event of the same key, so of the same partition. */
async function sendPoison(port: Port, value: Buffer | string, headers: Record<string, string> = {}) {
  await port.raw.send(topic, { key: 'job-1', value, headers });
  await port.producer.send(topic, sampleProgress('job-1', 2));
}

describe('a poison message', () => {
  it('is sent to the dead-letter topic byte for byte with its cause, and the partition continues', async () => {
    await using port = await openPort();
    const recorder = new Recorder(() => done());
    const value = Buffer.from([0, 255, 254, 1, 2, 3]);
    await sendPoison(port, value, { ce_companyid: 'company-7', mine: 'kept' });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    expect(recorder.offsets()).toEqual([1n]);
    const [letter, ...others] = await port.raw.read('intake.dlq');
    expect(others).toEqual([]);
    expect(letter?.value).toEqual(value);
    expect(letter).toMatchObject({
      key: 'job-1',
      headers: {
        mine: 'kept',
        ce_companyid: 'company-7',
        'waybill-cause-code': 'EVENT_UNREADABLE',
        'waybill-source-topic': topic,
        'waybill-source-partition': String(recorder.messages[0]?.partition),
        'waybill-source-offset': '0',
        'waybill-group': 'g',
        'waybill-tries': '1',
      },
    });
    expect(letter?.headers['waybill-cause-message']).toMatch(/does not decode/);
  });

  it.each([
    ['has no Confluent head', Buffer.from('hello, this is text'), 'not in the Confluent wire format'],
    ['is too short', Buffer.from([0, 0]), 'not in the Confluent wire format'],
    [
      'names a schema that does not exist',
      Buffer.from([0, 127, 0, 0, 1, 5, 5]),
      'the registry has no schema',
    ],
  ])('is dead-lettered when it %s', async (_, value, reason) => {
    await using port = await openPort();
    const recorder = new Recorder(() => done());
    await sendPoison(port, value);
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(1);
    const [letter] = await port.raw.read('intake.dlq');
    expect(letter?.headers['waybill-cause-message']).toContain(reason);
  });

  it('is dead-lettered when it is an event of another topic, cut short or without its headers', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', sampleProgress('job-1', 1));
    const [valid] = await port.raw.read('export.progress');
    const value = valid?.value ?? Buffer.alloc(0);
    await port.raw.send('export.completed', { key: 'k', value, headers: { ...valid?.headers } });
    await port.raw.send(topic, { key: 'k', value: value.subarray(0, -3), headers: { ...valid?.headers } });
    await port.raw.send(topic, { key: 'k', value });
    const recorder = new Recorder(() => done());
    await port.consume({ ...options, topics: [topic, 'export.completed'], handler: recorder.handler });
    const letters = await waitFor(
      async () => {
        const found = await port.raw.read('intake.dlq');
        return found.length === 3 ? found : undefined;
      },
      { limitMs: 10_000, what: 'three dead letters' },
    );
    const reasons = letters.map(({ headers }) => headers['waybill-cause-message']).join('\n');
    expect(reasons).toMatch(/is not compatible/);
    expect(reasons).toMatch(/truncated buffer/);
    expect(reasons).toMatch(/header ce_attempt is missing/);
    expect(recorder.messages).toHaveLength(1);
  });

  it('is passed to onDeadLetter before its offset is committed', async () => {
    await using port = await openPort();
    const cause = new ExportError('EXPORT_FAILED');
    const notified: { message: UnreadMessage<unknown>; cause: ExportError; committed: bigint | undefined }[] =
      [];
    let calls = 0;
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.consume({
      ...options,
      handler: () => Promise.resolve(deadLetter(cause)),
      onDeadLetter: async (message, why) => {
        calls += 1;
        // A store that is down for a moment: the port calls again.
        if (calls === 1) throw new ExportError('SERVICE_UNAVAILABLE');
        const committed = await port.raw.committed('g', topic, message.partition);
        notified.push({ message, cause: why, committed });
      },
    });
    await waitFor(() => notified.length === 1, { limitMs: 10_000, what: 'onDeadLetter' });
    expect(notified[0]).toMatchObject({
      cause: { code: 'EXPORT_FAILED' },
      committed: undefined,
      message: { topic, key: 'job-1', companyId: 'company-1', attempt: 1, event: { job_id: 'job-1' } },
    });
    const partition = notified[0]?.message.partition ?? -1;
    await waitFor(async () => (await port.raw.committed('g', topic, partition)) === 1n, {
      limitMs: 5_000,
      what: 'the commit',
    });
    expect(calls).toBe(2);
  });

  it('does not stop the partition when onDeadLetter fails permanently', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.producer.send(topic, sampleProgress('job-1', 2));
    const recorder = new Recorder(({ offset }) =>
      offset === 0n ? deadLetter(new ExportError('EXPORT_FAILED')) : done(),
    );
    let calls = 0;
    await port.consume({
      ...options,
      handler: recorder.handler,
      onDeadLetter: () => {
        calls += 1;
        return Promise.reject(new Error('a bug'));
      },
    });
    await recorder.sees(2);
    expect(recorder.offsets()).toEqual([0n, 1n]);
    expect(calls).toBe(5);
  });
});
