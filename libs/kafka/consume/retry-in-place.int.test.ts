import { ExportError } from '@waybill/errors';
import { sampleProgress } from '@waybill/fixtures';
import { describe, expect, it } from 'vitest';
import { done, retry } from '../index.ts';
import { keysByPartition } from '../testing/partitions.ts';
import { openPort } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const unavailable = () => retry(new ExportError('STORAGE_UNAVAILABLE'));

describe('a retry in place', () => {
  it('tries again after growing waits, then dead-letters, and keeps the order of the partition', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.producer.send(topic, sampleProgress('job-1', 2));
    const times: number[] = [];
    const recorder = new Recorder(({ offset }) => {
      times.push(performance.now());
      return offset === 0n ? unavailable() : done();
    });
    const policy = { kind: 'in-place', tries: 4, fromMs: 100, toMs: 250 } as const;
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
      'waybill-cause-code': 'STORAGE_UNAVAILABLE',
      'waybill-tries': '4',
      ce_attempt: '1',
    });
  });

  it('succeeds when the error passes, and dead-letters nothing', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    const recorder = new Recorder(({ tries }) => (tries < 3 ? unavailable() : done()));
    const policy = { kind: 'in-place', tries: 3, fromMs: 20, toMs: 20 } as const;
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: policy,
      handler: recorder.handler,
    });
    await recorder.sees(3);
    expect((await port.raw.ends('resolver.dlq')).get(0)).toBe(0n);
  });

  it('does not delay the other partitions while it waits', async () => {
    await using port = await openPort();
    const [failing = '', healthy = ''] = (await keysByPartition(port, 2)).values();
    const recorder = new Recorder(({ key }) => (key === failing ? unavailable() : done()));
    const policy = { kind: 'in-place', tries: 5, fromMs: 20_000, toMs: 20_000 } as const;
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

  it('follows an exception of a handler, and an exception that is not retryable is dead-lettered immediately', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleProgress('job-1', 1));
    await port.producer.send(topic, sampleProgress('job-1', 2));
    const recorder = new Recorder(({ offset }) => {
      throw offset === 0n ? new TypeError('a bug') : new ExportError('SEALED_DATA_UNREADABLE');
    });
    const policy = { kind: 'in-place', tries: 3, fromMs: 20, toMs: 20 } as const;
    await port.consume({
      group: 'g',
      service: 'resolver',
      topics: [topic],
      retry: policy,
      handler: recorder.handler,
    });
    await recorder.sees(4);
    expect(recorder.offsets()).toEqual([0n, 0n, 0n, 1n]);
    await expect.poll(async () => (await port.raw.ends('resolver.dlq')).get(0)).toBe(2n);
    const letters = await port.raw.read('resolver.dlq');
    const codes = letters.map(({ headers }) => headers['waybill-cause-code']);
    expect(codes).toEqual(['EXPORT_FAILED', 'SEALED_DATA_UNREADABLE']);
  });
});

function isNumber(event: unknown, written: number): boolean {
  return typeof event === 'object' && event !== null && 'written' in event && event.written === written;
}
