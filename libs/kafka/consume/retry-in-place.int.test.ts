import { ExportError } from '@waybill/errors';
import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done, retry } from '../index.ts';
import { keysByPartition } from '../testing/partitions.ts';
import { openPort } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const fault = () => retry(new ExportError('EXPORT_BATCH_UNREADABLE'));
const unavailable = () => retry(new ExportError('STORAGE_UNAVAILABLE'));

describe('a retry in place', () => {
  it('after a fault of the message tries again after growing pauses, then dead-letters, in order', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.producer.send(topic, sampleProgress('job-1', 2));
    const times: number[] = [];
    const recorder = new Recorder(({ offset }) => {
      times.push(performance.now());
      return offset === 0n ? fault() : done();
    });
    const policy = { tries: 4, fromMs: 100, toMs: 250 } as const;
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: policy,
      handler: recorder.handler,
    });
    await recorder.sees(5);
    expect(recorder.offsets()).toEqual([0n, 0n, 0n, 0n, 1n]);
    expect(recorder.messages.map(({ tries }) => tries)).toEqual([1, 2, 3, 4, 1]);
    const waits = times.slice(1, 4).map((time, index) => time - (times[index] ?? 0));
    // 100, 200, then the limit of 250; a timer may be a ms early.
    for (const [index, least] of [99, 199, 249].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least);
    const [letter] = await port.raw.read('resolver.dlq');
    expect(letter?.headers).toMatchObject({
      'waybill-cause-code': 'EXPORT_BATCH_UNREADABLE',
      'waybill-tries': '4',
      ce_attempt: '1',
    });
  });

  it('after a retryable cause waits for as long as it takes, shows that, and dead-letters nothing', async () => {
    await using port = await openPort({ tuning: { backoffFromMs: 5, backoffToMs: 20, lagEveryMs: 20 } });
    await port.producer.send(topic, sampleProgress('job-1', 1));
    let back = false;
    const recorder = new Recorder(() => (back ? done() : unavailable()));
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: { tries: 1, fromMs: 1, toMs: 1 },
      handler: recorder.handler,
    });
    await recorder.sees(20);
    const waits = async () => {
      const { values } = await port.metrics.gauge('waybill_partition_waiting_seconds', '').get();
      return values;
    };
    await waitFor(async () => (await waits()).some(({ value }) => value > 0), {
      limitMs: 5_000,
      what: 'the wait to be shown',
    });
    expect((await waits())[0]?.labels).toMatchObject({ group: 'g', topic, cause: 'STORAGE_UNAVAILABLE' });
    back = true;
    await waitFor(async () => (await waits()).length === 0, { limitMs: 5_000, what: 'the wait to end' });
    expect((await port.raw.ends('resolver.dlq')).get(0)).toBe(0n);
  });

  it('does not delay the other partitions while it waits', async () => {
    await using port = await openPort();
    const [failing = '', healthy = ''] = (await keysByPartition(port, 2)).values();
    const recorder = new Recorder(({ key }) => (key === failing ? fault() : done()));
    const policy = { tries: 5, fromMs: 20_000, toMs: 20_000 } as const;
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: policy,
      handler: recorder.handler,
    });
    await port.producer.send(topic, sampleProgress(healthy, 2));
    const last = () => recorder.messages.some(({ key, event }) => key === healthy && isNumber(event, 2));
    await expect.poll(last, { timeout: 5_000 }).toBe(true);
    expect(recorder.keys().filter((key) => key === failing)).toHaveLength(1);
  });

  it('follows an exception of a handler: a fault is bounded, and a server that is away is waited for', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.producer.send(topic, sampleProgress('job-1', 2));
    const recorder = new Recorder(({ offset, tries }) => {
      if (offset === 0n) throw new TypeError('a bug');
      if (tries < 6) throw new ExportError('SERVICE_UNAVAILABLE');
      return done();
    });
    const policy = { tries: 3, fromMs: 20, toMs: 20 } as const;
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: policy,
      handler: recorder.handler,
    });
    await recorder.sees(9);
    expect(recorder.offsets()).toEqual([0n, 0n, 0n, 1n, 1n, 1n, 1n, 1n, 1n]);
    const letters = await port.raw.read('resolver.dlq');
    expect(letters.map(({ headers }) => headers['waybill-cause-code'])).toEqual(['EXPORT_FAILED']);
  });
});

function isNumber(event: unknown, written: number): boolean {
  return typeof event === 'object' && event !== null && 'written' in event && event.written === written;
}
