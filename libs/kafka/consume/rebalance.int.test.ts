import { sampleProgress } from '@waybill/fixtures';
import { waitFor } from '@waybill/testbed';
import { describe, expect, it } from 'vitest';
import { done } from '../index.ts';
import { keysByPartition } from '../testing/partitions.ts';
import { openPort, quickRetry, type Port } from '../testing/port.ts';
import { Recorder } from '../testing/recorder.ts';

const topic = 'export.progress';
const options = { group: 'g', service: 'intake', topics: [topic], retry: quickRetry } as const;

async function commitsReachEnds(port: Port): Promise<boolean> {
  const ends = await port.raw.ends(topic);
  for (const [partition, end] of ends) {
    if (((await port.raw.committed('g', topic, partition)) ?? 0n) !== end) return false;
  }
  return true;
}

describe('a rebalance', () => {
  it('loses no message and leaves every partition committed to its end', async () => {
    await using port = await openPort();
    const seen = new Recorder(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return done();
    });
    await port.consume({ ...options, handler: seen.handler });
    const keys = Array.from({ length: 300 }, (_, index) => `job-${index}`);
    const send = (some: readonly string[]) =>
      Promise.all(some.map((key) => port.producer.send(topic, sampleProgress(key, 1))));
    await send(keys.slice(0, 100));
    const [second] = await Promise.all([
      port.consume({ ...options, handler: seen.handler }, port.another()),
      send(keys.slice(100, 200)),
    ]);
    await Promise.all([second.stop(), send(keys.slice(200))]);
    await waitFor(() => new Set(seen.keys()).size === keys.length, {
      limitMs: 20_000,
      what: 'every key to be handled',
    });
    await waitFor(() => commitsReachEnds(port), { limitMs: 10_000, what: 'the commits' });
    expect([...new Set(seen.keys())].sort()).toEqual([...keys].sort());
  });

  it('aborts the handlers of the previous generation and commits none of their later outcomes', async () => {
    await using port = await openPort();
    const keys = await keysByPartition(port, 6);
    const gate = Promise.withResolvers<undefined>();
    const unaware = new Recorder(async (_, { signal }) => {
      // Ignores its signal at first, as a handler in the middle of a long call does.
      if (!gateOpen) await gate.promise;
      return signal.aborted ? done() : done();
    });
    let gateOpen = false;
    await port.consume({ ...options, handler: unaware.handler });
    await waitFor(() => new Set(unaware.messages.map(({ partition }) => partition)).size === keys.size, {
      limitMs: 10_000,
      what: 'a handler to hang on every partition',
    });
    const hanging = unaware.messages.length;

    const taken = new Recorder(() => done());
    await port.consume({ ...options, handler: taken.handler }, port.another());
    await waitFor(() => unaware.contexts.every(({ signal }) => signal.aborted), {
      limitMs: 5_000,
      what: 'the handlers to be aborted',
    });
    await waitFor(
      async () => {
        const mine = new Set(taken.messages.map(({ partition }) => partition));
        const ends = await port.raw.ends(topic);
        const commits = [...mine].map(async (partition) => {
          return (await port.raw.committed('g', topic, partition)) === ends.get(partition);
        });
        return mine.size === 3 && (await Promise.all(commits)).every(Boolean);
      },
      { limitMs: 10_000, what: 'the second member to commit its three partitions' },
    );
    const theirs = new Set(taken.messages.map(({ partition }) => partition));
    // No message has two handlers at the same time: the first member's partitions wait for their hanging handlers.
    expect(unaware.messages).toHaveLength(hanging);

    gateOpen = true;
    gate.resolve(undefined);
    await waitFor(() => commitsReachEnds(port), { limitMs: 10_000, what: 'all commits' });
    for (const message of unaware.messages.slice(hanging)) expect(theirs).not.toContain(message.partition);
    // The first message of each kept partition was discarded with its generation, so it came again.
    const again = unaware.messages.slice(hanging).filter(({ offset }) => offset === 0n);
    expect(again).toHaveLength(3);
  });
});
