import { ExportError } from '@waybill/errors';
import { sampleCompleted } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { deadLetter, done, replay, type DeadLetter, type Outcome } from '../index.ts';
import { openPort, quickRetry, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.completed';
const notify = {
  group: 'waybill.notify',
  service: 'notify',
  topics: [topic],
  retry: quickRetry,
  redriven: true,
} as const;
const refused = () => deadLetter(new ExportError('MAIL_REFUSED', { params: { reason: '550' } }));

/** Starts a consumer of notify that dead-letters every message until it is repaired. */
async function brokenNotify(port: Port) {
  let answer: () => Outcome = refused;
  const recorder = new Recorder(() => answer());
  const consumer = await port.consume({ ...notify, handler: recorder.handler });
  return { recorder, consumer, repair: () => void (answer = done) };
}

async function deadLetters(port: Port, count: number): Promise<readonly DeadLetter[]> {
  const all = async () => (await port.raw.ends('notify.dlq')).get(0) === BigInt(count);
  await waitFor(all, { limitMs: 15_000, what: `${count} dead letters` });
  return port.kafka.deadLetters('notify');
}

async function redriveAll(port: Port, letters: readonly DeadLetter[]): Promise<void> {
  for (const letter of letters) await port.kafka.redrive(letter);
}

describe('a dead letter', () => {
  it('is listed with its event, cause and time, and listing changes nothing', async () => {
    await using port = await openPort();
    const { recorder } = await brokenNotify(port);
    expect(await port.kafka.deadLetters('notify')).toEqual([]);
    const before = Date.now();
    await port.producer.send(topic, sampleCompleted('job-1'));
    const letters = await deadLetters(port, 1);
    expect(letters).toMatchObject([
      {
        id: sampleCompleted('job-1').id,
        type: topic,
        jobId: 'job-1',
        companyId: 'company-1',
        group: 'waybill.notify',
        tries: 1,
        causeCode: 'MAIL_REFUSED',
        causeMessage: expect.stringContaining('550') as unknown,
        obstacle: undefined,
      },
    ]);
    expect(letters[0]?.failedAt).toBeGreaterThanOrEqual(before);
    expect(await port.kafka.deadLetters('notify')).toEqual(letters);
    expect((await port.raw.ends('notify.retry')).get(0)).toBe(0n);
    expect(recorder.messages).toHaveLength(1);
  });

  it('reaches only the group that failed when it is redriven, with the bytes that it had', async () => {
    await using port = await openPort();
    const { recorder, repair } = await brokenNotify(port);
    const second = new Recorder(() => done());
    await port.consume({ ...notify, group: 'waybill.notify.second', handler: second.handler });
    const other = new Recorder(() => done());
    await port.consume({ ...notify, group: 'waybill.history', service: 'history', handler: other.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    await port.producer.send(topic, sampleCompleted('job-2'));
    const letters = await deadLetters(port, 2);
    repair();
    await redriveAll(
      port,
      letters.filter(({ jobId }) => jobId === 'job-2'),
    );
    await recorder.sees(3);
    expect(recorder.messages[2]).toEqual(recorder.messages.find(({ key }) => key === 'job-2'));

    const source = (await port.raw.read(topic)).find(({ key }) => key === 'job-2');
    const [redriven, ...more] = await port.raw.read('notify.retry');
    expect(more).toEqual([]);
    expect([redriven?.key, redriven?.value]).toEqual(['job-2', source?.value]);
    expect(redriven?.headers).toMatchObject({ ...source?.headers, 'waybill-tries': '0' });
    expect((await port.raw.ends('history.retry')).get(0)).toBe(0n);
    expect(await port.raw.read(topic)).toHaveLength(2);
    // The second group skips it.
    await waitFor(async () => (await port.raw.committed('waybill.notify.second', 'notify.retry', 0)) === 1n, {
      limitMs: 15_000,
      what: 'the second group to have read the retry topic',
    });
    expect([second.messages.length, other.messages.length]).toEqual([2, 2]);
  });

  it('is listed once for each event until it is redriven, and again when the event fails again', async () => {
    await using port = await openPort();
    const { recorder, repair } = await brokenNotify(port);
    // A producer that got no answer sends twice.
    await port.producer.send(topic, sampleCompleted('job-1'));
    await port.producer.send(topic, sampleCompleted('job-1'));
    const letters = await deadLetters(port, 2);
    expect(letters).toHaveLength(1);

    await redriveAll(port, letters);
    const again = await deadLetters(port, 3);
    expect(again).toMatchObject([{ id: letters[0]?.id, tries: 1 }]);
    expect(again[0]?.failedAt).toBeGreaterThan(letters[0]?.failedAt ?? Infinity);

    repair();
    await redriveAll(port, again);
    expect(await port.kafka.deadLetters('notify')).toEqual([]);
    await recorder.sees(4);
    expect(recorder.messages).toHaveLength(4);
  });

  it('waits in the retry topic while its service is stopped, and the next member handles it', async () => {
    await using port = await openPort();
    const { consumer } = await brokenNotify(port);
    await port.producer.send(topic, sampleCompleted('job-1'));
    const letters = await deadLetters(port, 1);
    await consumer.stop();
    await redriveAll(port, letters);
    const next = new Recorder(() => done());
    await port.consume({ ...notify, handler: next.handler });
    await next.sees(1);
    expect(next.messages[0]).toMatchObject({ key: 'job-1', tries: 1 });
  });

  it('is redriven for intake as for notify and history', async () => {
    await using port = await openPort();
    let answer: () => Outcome = refused;
    const recorder = new Recorder(() => answer());
    const intake = { ...notify, group: 'waybill.intake', service: 'intake' } as const;
    await port.consume({ ...intake, handler: recorder.handler });
    await port.producer.send(topic, sampleCompleted('job-1'));
    const all = async () => (await port.raw.ends('intake.dlq')).get(0) === 1n;
    await waitFor(all, { limitMs: 15_000, what: 'the dead letter' });
    answer = done;
    await redriveAll(port, await port.kafka.deadLetters('intake'));
    await recorder.sees(2);
    expect(recorder.keys()).toEqual(['job-1', 'job-1']);
  });

  it('is written for a message in the retry topic whose headers name no origin', async () => {
    await using port = await openPort();
    const { recorder } = await brokenNotify(port);
    await port.raw.send('notify.retry', { key: 'stray', value: 'x' });
    const [letter] = await deadLetters(port, 1);
    expect(letter).toMatchObject({ causeCode: 'EVENT_UNREADABLE' });
    expect(letter?.causeMessage).toMatch(/do not name its origin/);
    expect(recorder.messages).toEqual([]);
  });

  it('is listed with the reason why it cannot be redriven if a rebuild or an operator wrote it', async () => {
    await using port = await openPort();
    await port.producer.send(topic, sampleCompleted('job-1'));
    await replay({
      kafka: port.kafka,
      service: 'notify',
      topic,
      handler: () => Promise.resolve(refused()),
      signal: new AbortController().signal,
    });
    await port.raw.send('notify.dlq', { key: 'k', value: 'by hand' });
    const [rebuilt, byHand] = await deadLetters(port, 2);
    expect(rebuilt).toMatchObject({
      jobId: 'job-1',
      obstacle: expect.stringContaining('rebuild') as unknown,
    });
    expect(byHand).toMatchObject({
      id: 'unknown/0/1',
      obstacle: expect.stringContaining('topic') as unknown,
    });
  });
});
