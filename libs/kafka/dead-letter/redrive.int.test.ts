import { ExportError } from '@waybill/errors';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { deadLetter, done, replay, type DeadLetter, type Outcome } from '../index.ts';
import { openPort, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';
import { completed } from '../testing/sample-events.ts';

const topic = 'export.completed';
const retry = { kind: 'delayed' } as const;
const notify = { group: 'waybill.notify', service: 'notify', topics: [topic], retry } as const;
const refused = () => deadLetter(new ExportError('MAIL_REFUSED', { params: { reason: '550' } }));

/** A consumer of notify that gives up whatever it is told, until it is mended. */
async function brokenNotify(port: Port) {
  let answer: () => Outcome = refused;
  const recorder = new Recorder(() => answer());
  await port.consume({ ...notify, handler: recorder.handler });
  return { recorder, mend: () => void (answer = done) };
}

async function buried(port: Port, count: number): Promise<readonly DeadLetter[]> {
  const all = async () => (await port.raw.ends('notify.dlq')).get(0) === BigInt(count);
  await waitFor(all, { limitMs: 15_000, what: `${count} dead letters` });
  return port.kafka.deadLetters('notify');
}

async function redriveAll(port: Port, letters: readonly DeadLetter[]): Promise<void> {
  for (const letter of letters) await port.kafka.redrive(letter);
}

describe('a dead letter', () => {
  it('says what it is about, why and when it was given up; to list it changes nothing', async () => {
    await using port = await openPort();
    const { recorder } = await brokenNotify(port);
    expect(await port.kafka.deadLetters('notify')).toEqual([]);
    const before = Date.now();
    await port.producer.send(topic, completed('job-1'));
    const letters = await buried(port, 1);
    expect(letters).toMatchObject([
      {
        id: completed('job-1').id,
        type: topic,
        jobId: 'job-1',
        companyId: 'company-1',
        group: 'waybill.notify',
        deliveries: 1,
        causeCode: 'MAIL_REFUSED',
        causeMessage: expect.stringContaining('550') as unknown,
        obstacle: undefined,
      },
    ]);
    expect(letters[0]?.failedAt).toBeGreaterThanOrEqual(before);
    expect(await port.kafka.deadLetters('notify')).toEqual(letters);
    expect((await port.raw.ends('notify.retry.30s')).get(0)).toBe(0n);
    expect(recorder.messages).toHaveLength(1);
  });

  it('reaches the group that failed when it is redriven, as it came, and nobody else', async () => {
    await using port = await openPort();
    const { recorder, mend } = await brokenNotify(port);
    const beside = new Recorder(() => done());
    await port.consume({ ...notify, group: 'waybill.notify.beside', handler: beside.handler });
    const other = new Recorder(() => done());
    await port.consume({ ...notify, group: 'waybill.history', service: 'history', handler: other.handler });
    await port.producer.send(topic, completed('job-1'));
    await port.producer.send(topic, completed('job-2'));
    const letters = await buried(port, 2);
    mend();
    await redriveAll(
      port,
      letters.filter(({ jobId }) => jobId === 'job-2'),
    );
    await recorder.sees(3);
    expect(recorder.messages[2]).toEqual(recorder.messages.find(({ key }) => key === 'job-2'));

    const source = (await port.raw.read(topic)).find(({ key }) => key === 'job-2');
    const [redriven, ...more] = await port.raw.read('notify.retry.30s');
    expect(more).toEqual([]);
    expect([redriven?.key, redriven?.value]).toEqual(['job-2', source?.value]);
    expect(redriven?.headers).toMatchObject({ ...source?.headers, 'waybill-deliveries': '0' });
    expect((await port.raw.ends('history.retry.30s')).get(0)).toBe(0n);
    expect(await port.raw.read(topic)).toHaveLength(2);
    // The group beside passes over it.
    await waitFor(
      async () => (await port.raw.committed('waybill.notify.beside', 'notify.retry.30s', 0)) === 1n,
      { limitMs: 15_000, what: 'the group beside to have read the retry topic' },
    );
    expect([beside.messages.length, other.messages.length]).toEqual([2, 2]);
  });

  it('is listed once for each event until it is redriven, and again when the event has failed anew', async () => {
    await using port = await openPort();
    const { recorder, mend } = await brokenNotify(port);
    // A producer that got no answer sends twice.
    await port.producer.send(topic, completed('job-1'));
    await port.producer.send(topic, completed('job-1'));
    const letters = await buried(port, 2);
    expect(letters).toHaveLength(1);

    await redriveAll(port, letters);
    const again = await buried(port, 3);
    expect(again).toMatchObject([{ id: letters[0]?.id, deliveries: 1 }]);
    expect(again[0]?.failedAt).toBeGreaterThan(letters[0]?.failedAt ?? Infinity);

    mend();
    await redriveAll(port, again);
    expect(await port.kafka.deadLetters('notify')).toEqual([]);
    await recorder.sees(4);
    expect(recorder.messages).toHaveLength(4);
  });

  it('that no handler would take says so: of a rebuild, and of what was put there by hand', async () => {
    await using port = await openPort();
    await port.producer.send(topic, completed('job-1'));
    await replay({
      kafka: port.kafka,
      service: 'notify',
      topic,
      handler: () => Promise.resolve(refused()),
      signal: new AbortController().signal,
    });
    await port.raw.send('notify.dlq', { key: 'k', value: 'by hand' });
    const [rebuilt, byHand] = await buried(port, 2);
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
