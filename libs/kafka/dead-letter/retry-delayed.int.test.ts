import { ExportError } from '@waybill/errors';
import { sampleCompleted } from '@waybill/fixtures';
import { describe, expect, it } from 'vitest';
import { deadLetter, done, retry } from '../index.ts';
import { openPort } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.completed';
const options = { group: 'g', service: 'notify', topics: [topic], retry: { kind: 'delayed' } } as const;
const delays = { '30s': 400, '5m': 1_200, '1h': 600 };
const unavailable = () => retry(new ExportError('SERVICE_UNAVAILABLE'));

describe('a delayed retry', () => {
  it('passes the same message to the handler again when it is due, not earlier, and delays no other message', async () => {
    await using port = await openPort({ tuning: { retryDelaysMs: delays } });
    const times: number[] = [];
    const recorder = new Recorder(({ key, tries }) => {
      if (key === 'job-1') times.push(Date.now());
      return key === 'job-1' && tries < 3 ? unavailable() : done();
    });
    await port.consume({ ...options, handler: recorder.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await recorder.sees(1);
    await port.producer.send(topic, sampleCompleted('job-2'));
    await recorder.sees(4);
    expect(recorder.keys()).toEqual(['job-1', 'job-2', 'job-1', 'job-1']);
    const tried = recorder.messages.filter(({ key }) => key === 'job-1');
    expect(tried.map(({ tries }) => tries)).toEqual([1, 2, 3]);
    const [first, ...later] = tried;
    // Topic, partition, offset, id and event are those of the source each time.
    for (const message of later) expect({ ...message, tries: 1 }).toEqual(first);
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(waits[0]).toBeGreaterThanOrEqual(delays['30s']);
    expect(waits[1]).toBeGreaterThanOrEqual(delays['5m']);
    expect(waits[0]).toBeLessThan(delays['30s'] + 3_000);
    const [forwarded] = await port.raw.read('notify.retry.5m');
    expect(forwarded?.headers).toMatchObject({
      'waybill-cause-code': 'SERVICE_UNAVAILABLE',
      'waybill-source-topic': topic,
      'waybill-tries': '2',
      ce_id: first?.id,
    });
  });

  it('repeats the last delay until the handler dead-letters the message, and the dead letter names the source', async () => {
    const quick = { '30s': 50, '5m': 50, '1h': 50 };
    await using port = await openPort({ tuning: { retryDelaysMs: quick } });
    const recorder = new Recorder(({ tries }) =>
      tries < 6 ? unavailable() : deadLetter(new ExportError('EXPORT_EXPIRED')),
    );
    await port.consume({ ...options, handler: recorder.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await recorder.sees(6);
    expect((await port.raw.ends('notify.retry.30s')).get(0)).toBe(1n);
    expect((await port.raw.ends('notify.retry.5m')).get(0)).toBe(1n);
    expect((await port.raw.ends('notify.retry.1h')).get(0)).toBe(3n);
    await expect.poll(async () => (await port.raw.ends('notify.dlq')).get(0)).toBe(1n);
    const [letter] = await port.raw.read('notify.dlq');
    expect(letter?.headers).toMatchObject({
      'waybill-cause-code': 'EXPORT_EXPIRED',
      'waybill-source-topic': topic,
      'waybill-source-offset': '0',
      'waybill-tries': '6',
    });
    expect(letter?.headers).not.toHaveProperty('waybill-due-at');
  });

  it('ends in a dead letter when a handler throws at every try', async () => {
    const quick = { '30s': 50, '5m': 50, '1h': 50 };
    await using port = await openPort({ tuning: { retryDelaysMs: quick } });
    const recorder = new Recorder(() => {
      throw new TypeError('a bug');
    });
    await port.consume({ ...options, handler: recorder.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await recorder.sees(4);
    await expect.poll(async () => (await port.raw.ends('notify.dlq')).get(0)).toBe(1n);
    expect(recorder.messages).toHaveLength(4);
  });

  it('survives a stop, and the next member handles the message', async () => {
    await using port = await openPort({ tuning: { retryDelaysMs: { '30s': 2_000 } } });
    const first = new Recorder(unavailable);
    const member = await port.consume({ ...options, handler: first.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await expect
      .poll(async () => (await port.raw.ends('notify.retry.30s')).get(0), { timeout: 5_000 })
      .toBe(1n);
    await member.stop();
    const second = new Recorder(() => done());
    await port.consume({ ...options, handler: second.handler });
    await second.sees(1);
    expect(second.messages[0]).toMatchObject({ key: 'job-1', tries: 2 });
    expect(first.messages).toHaveLength(1);
  });

  it('is ignored by other groups of the service, and is dead-lettered if it is unroutable', async () => {
    await using port = await openPort({ tuning: { retryDelaysMs: { '30s': 100 } } });
    const failing = new Recorder(({ tries }) => (tries === 1 ? unavailable() : done()));
    const healthy = new Recorder(() => done());
    await port.consume({ ...options, handler: failing.handler });
    await port.consume({ ...options, group: 'other', handler: healthy.handler });
    await port.raw.send('notify.retry.30s', { key: 'stray', value: 'x' });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await failing.sees(2);
    await expect
      .poll(async () => port.raw.committed('other', 'notify.retry.30s', 0), { timeout: 5_000 })
      .toBe(2n);
    expect(healthy.messages).toHaveLength(1);
    const letters = await port.raw.read('notify.dlq');
    expect(letters.map(({ key }) => key)).toContain('stray');
    expect(letters[0]?.headers['waybill-cause-message']).toMatch(/do not name its origin/);
  });
});
