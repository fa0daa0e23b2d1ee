import { sampleActivity, sampleCompleted, sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done, skip } from '../index.ts';
import { openPort, quickRetry } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const service = 'intake';

describe('a message', () => {
  it('reaches the handler with its event, its CloudEvents attributes and its trace', async () => {
    await using port = await openPort();
    const recorder = new Recorder(() => done());
    const { handler } = recorder;
    await port.consume({ group: 'g', service, topics: ['export.progress'], retry: quickRetry, handler });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = { ...sampleProgress('job-1', 7), traceparent };
    await port.producer.send('export.progress', sent);
    await recorder.sees(1);
    expect(recorder.messages[0]).toMatchObject({
      topic: 'export.progress',
      offset: 0n,
      key: 'job-1',
      id: sent.id,
      type: 'export.progress',
      companyId: 'company-1',
      attempt: 1,
      tries: 1,
      at: sent.at,
      traceparent,
      event: sent.event,
    });
    expect(recorder.contexts[0]?.highWatermark).toBe(1n);
  });

  it('is stored with the headers of the CloudEvents binding and the time of the event', async () => {
    await using port = await openPort();
    const sent = sampleProgress('job-1', 7);
    await port.producer.send('export.progress', sent);
    await port.producer.send('export.activity', sampleActivity('company-9'));
    const [stored] = await port.raw.read('export.progress');
    expect(stored).toMatchObject({ key: 'job-1', timestamp: sent.at });
    expect(stored?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: sent.id,
      ce_type: 'export.progress',
      ce_source: '/waybill/test',
      ce_subject: 'job-1',
      ce_time: new Date(sent.at).toISOString(),
      ce_companyid: 'company-1',
      ce_attempt: '1',
      'content-type': 'application/avro',
    });
    // Confluent wire format: a zero byte and the schema's id come before the Avro bytes.
    expect(stored?.value?.[0]).toBe(0);
    const [withoutJob] = await port.raw.read('export.activity');
    expect(withoutJob?.headers['ce_subject']).toBe('company-9');
  });

  it('is handled in the order of its key while many keys are handled at the same time', async () => {
    await using port = await openPort();
    const recorder = new Recorder(async ({ offset }) => {
      // Uneven work, so that partitions overtake each other.
      if (offset % 7n === 0n) await new Promise((resolve) => setTimeout(resolve, 3));
      return done();
    });
    const { handler } = recorder;
    await port.consume({ group: 'g', service, topics: ['export.progress'], retry: quickRetry, handler });
    const keys = Array.from({ length: 12 }, (_, index) => `job-${index}`);
    await Promise.all(
      keys.map(async (key) => {
        for (let number = 0; number < 40; number += 1) {
          await port.producer.send('export.progress', sampleProgress(key, number));
        }
      }),
    );
    await recorder.sees(keys.length * 40);
    for (const key of keys) {
      const numbers = recorder.messages.filter((message) => message.key === key).map(({ event }) => event);
      expect(numbers).toEqual(Array.from({ length: 40 }, (_, index) => sampleProgress(key, index).event));
    }
  });

  it('is read from the beginning of each of several topics in one group', async () => {
    await using port = await openPort();
    await port.producer.send('export.progress', sampleProgress('job-1', 1));
    await port.producer.send('export.completed', sampleCompleted('job-1'));
    const recorder = new Recorder(() => skip('only looked at'));
    await port.consume({
      group: 'g',
      service,
      topics: ['export.progress', 'export.completed'],
      retry: quickRetry,
      handler: recorder.handler,
    });
    await recorder.sees(2);
    expect(recorder.messages.map(({ topic }) => topic).sort()).toEqual([
      'export.completed',
      'export.progress',
    ]);
  });

  it('is committed after it was handled, and a later member continues from there', async () => {
    await using port = await openPort();
    const options = { group: 'g', service, topics: ['export.progress'], retry: quickRetry } as const;
    const first = new Recorder(() => done());
    const member = await port.consume({ ...options, handler: first.handler });
    await port.producer.send('export.progress', sampleProgress('job-1', 1));
    await first.sees(1);
    const partition = first.messages[0]?.partition ?? -1;
    const committed = () => port.raw.committed('g', 'export.progress', partition);
    await waitFor(async () => (await committed()) === 1n, { limitMs: 5_000, what: 'the commit' });
    await member.stop();
    expect(member.ready()).toBe(false);
    await port.producer.send('export.progress', sampleProgress('job-1', 2));
    const second = new Recorder(() => done());
    await port.consume({ ...options, handler: second.handler });
    await second.sees(1);
    expect(second.offsets()).toEqual([1n]);
  });
});
