import { ExportError } from '@waybill/errors';
import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { deadLetter, done, hold, rewind, skip, type Outcome } from '../index.ts';
import { openPort, quickRetry, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'render', topics: [topic], retry: quickRetry } as const;

/** Sends messages of one key, so of one partition, at the offsets 0 to count - 1. */
async function sendSome(port: Port, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    await port.producer.send(topic, sampleProgress('job-1', number));
  }
}

function answers(byOffset: Readonly<Record<string, Outcome>>): Recorder {
  return new Recorder(({ offset }) => byOffset[String(offset)] ?? done());
}

async function committedBecomes(port: Port, recorder: Recorder, offset: bigint): Promise<void> {
  const { partition } = recorder.messages[0] ?? { partition: -1 };
  const committed = () => port.raw.committed('g', topic, partition);
  await waitFor(async () => (await committed()) === offset, {
    limitMs: 5_000,
    what: `a commit of ${offset}`,
  });
}

async function resetsOf({ metrics }: Port) {
  return (await metrics.registry.getSingleMetric('waybill_kafka_offset_resets_total')?.get())?.values;
}

describe('a hold', () => {
  it('limits commits to its boundary, and a restart reads again from there', async () => {
    await using port = await openPort();
    await sendSome(port, 6);
    const held = hold(1n);
    const first = answers({
      1: held,
      2: held,
      3: skip('old'),
      4: deadLetter(new ExportError('EXPORT_FAILED')),
    });
    const member = await port.consume({ ...options, handler: first.handler });
    await first.sees(6);
    await committedBecomes(port, first, 1n);
    await member.stop();
    const second = answers({});
    await port.consume({ ...options, handler: second.handler });
    await second.sees(5);
    expect(second.offsets()).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it('ends with a boundary above its own message', async () => {
    await using port = await openPort();
    await sendSome(port, 4);
    const recorder = answers({ 0: hold(0n), 1: hold(0n), 2: hold(3n) });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(4);
    await committedBecomes(port, recorder, 4n);
  });

  it('moves up when the oldest open work ends and other work is open', async () => {
    await using port = await openPort();
    await sendSome(port, 4);
    const recorder = answers({ 0: hold(0n), 1: hold(0n), 2: hold(1n), 3: hold(1n) });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(4);
    await committedBecomes(port, recorder, 1n);
  });
});

describe('a rewind', () => {
  it('reads again from the offset it names, and commits nothing for its message', async () => {
    await using port = await openPort();
    await sendSome(port, 4);
    let rewound = false;
    const recorder = new Recorder(({ offset }) => {
      if (offset !== 2n || rewound) return offset < 3n ? hold(0n) : hold(4n);
      rewound = true;
      return rewind(1n);
    });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(6);
    expect(recorder.offsets()).toEqual([0n, 1n, 2n, 1n, 2n, 3n]);
    await committedBecomes(port, recorder, 4n);
    expect(await resetsOf(port)).toEqual([]);
  });

  it('waits longer each time it has a cause, although messages before the failed one are handled again', async () => {
    await using port = await openPort({ tuning: { backoffFromMs: 100, backoffToMs: 300 } });
    await sendSome(port, 3);
    const failedAt: number[] = [];
    const recorder = new Recorder(({ offset }) => {
      if (offset !== 2n || failedAt.length === 4) return done();
      failedAt.push(performance.now());
      return rewind(1n, new ExportError('STORAGE_UNAVAILABLE'));
    });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(11);
    expect(recorder.offsets()).toEqual([0n, 1n, 2n, 1n, 2n, 1n, 2n, 1n, 2n, 1n, 2n]);
    const waits = failedAt.slice(1).map((at, index) => at - (failedAt[index] ?? 0));
    // A timer may be a ms early.
    for (const [index, least] of [99, 199, 299].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least);
    expect((await port.raw.ends('render.dlq')).get(0)).toBe(0n);
  });

  it('continues at the first message that retention has left if its offset was deleted, and counts the reset', async () => {
    await using port = await openPort();
    await sendSome(port, 6);
    let partition = -1;
    let rewound = false;
    const recorder = new Recorder(async (message) => {
      ({ partition } = message);
      if (message.offset !== 5n || rewound) return done();
      rewound = true;
      await port.raw.deleteBelow(topic, partition, 3n);
      return rewind(1n);
    });
    await port.consume({ ...options, handler: recorder.handler });
    await recorder.sees(9);
    expect(recorder.offsets()).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 3n, 4n, 5n]);
    await committedBecomes(port, recorder, 6n);
    expect(await resetsOf(port)).toEqual([{ labels: { group: 'g', topic }, value: 1 }]);
  });
});

describe('onAssigned', () => {
  it('decides where reading starts, and the messages between the commit and that offset stay held', async () => {
    await using port = await openPort();
    await sendSome(port, 6);
    const first = answers(Object.fromEntries([0, 1, 2, 3, 4, 5].map((offset) => [offset, hold(1n)])));
    const member = await port.consume({ ...options, handler: first.handler });
    await first.sees(6);
    await committedBecomes(port, first, 1n);
    await member.stop();
    const { partition } = first.messages[0] ?? { partition: -1 };

    const second = answers({});
    const assigned: number[] = [];
    await port.consume({
      ...options,
      handler: second.handler,
      onAssigned: (one) => {
        assigned.push(one.partition);
        return Promise.resolve(one.partition === partition ? 4n : undefined);
      },
    });
    await second.sees(2);
    expect(second.offsets()).toEqual([4n, 5n]);
    expect(await resetsOf(port)).toEqual([]);
    expect(assigned.sort()).toEqual([0, 1, 2, 3, 4, 5]);
    await committedBecomes(port, first, 1n);
  });

  it('is called again when it fails, and no message is handled before it succeeds', async () => {
    await using port = await openPort();
    await sendSome(port, 1);
    const [message] = await port.raw.read(topic);
    const partition = message?.partition ?? -1;
    const recorder = answers({});
    const order: string[] = [];
    await port.consume({
      ...options,
      handler: (message, context) => {
        order.push('message');
        return recorder.handler(message, context);
      },
      onAssigned: ({ partition: assigned }) => {
        if (assigned !== partition) return Promise.resolve(undefined);
        order.push('assigned');
        return order.length < 3
          ? Promise.reject(new ExportError('SERVICE_UNAVAILABLE'))
          : Promise.resolve(undefined);
      },
    });
    await recorder.sees(1);
    expect(order).toEqual(['assigned', 'assigned', 'assigned', 'message']);
  });

  it('starts reading at the first message that is left after retention deleted the committed offset', async () => {
    await using port = await openPort();
    await sendSome(port, 2);
    const first = answers({});
    const member = await port.consume({ ...options, handler: first.handler });
    await first.sees(2);
    await member.stop();
    await sendSome(port, 4);
    await port.raw.deleteBelow(topic, first.messages[0]?.partition ?? -1, 5n);
    const second = answers({});
    await port.consume({ ...options, handler: second.handler });
    await second.sees(1);
    expect(second.offsets()).toEqual([5n]);
    expect(await resetsOf(port)).toEqual([{ labels: { group: 'g', topic }, value: 1 }]);
  });
});
