import { sampleProgress } from '@waybill/fixtures';
import { sharedAddresses, waitFor } from '@waybill/testbed';
import { Kafka as Client, logLevel } from 'kafkajs';
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

/** Sends one message to each partition and returns the recorder that handles each. */
async function ownersOf(
  port: Port,
  keys: ReadonlyMap<number, string>,
  members: readonly Recorder[],
): Promise<ReadonlyMap<number, number>> {
  const seenBefore = members.map(({ messages }) => messages.length);
  const found = () =>
    members.flatMap(({ messages }, index) =>
      messages.slice(seenBefore[index]).map(({ partition }) => [partition, index] as const),
    );
  await Promise.all([...keys.values()].map((key) => port.producer.send(topic, sampleProgress(key, 1))));
  await waitFor(() => found().length >= keys.size, { limitMs: 15_000, what: 'a message of each partition' });
  return new Map(found());
}

describe('a rebalance', () => {
  it('moves only the partitions that a new member needs, and only those of a member that leaves', async () => {
    await using port = await openPort();
    const keys = await keysByPartition(port, 6);
    const members = [1, 2, 3].map(() => new Recorder(() => done()));
    const consumers = [];
    const owners: ReadonlyMap<number, number>[] = [];
    for (const { handler } of members) {
      consumers.push(await port.consume({ ...options, handler }, port.another()));
      await waitFor(() => commitsReachEnds(port), { limitMs: 15_000, what: 'every message to be handled' });
      owners.push(await ownersOf(port, keys, members));
    }
    await consumers[0]?.stop();
    owners.push(await ownersOf(port, keys, members));
    const partitionsMoved = owners.slice(1).map((after, index) => {
      return [...keys.keys()].filter((partition) => after.get(partition) !== owners[index]?.get(partition))
        .length;
    });
    // Round robin would move 3, then 4, then at least 2 and mostly 4.
    expect(partitionsMoved).toEqual([3, 2, 2]);
  });

  it('shares the partitions with a member that knows round robin only, as in a rolling upgrade', async () => {
    await using port = await openPort();
    const client = new Client({ brokers: [sharedAddresses().kafka.brokers], logLevel: logLevel.NOTHING });
    const older = client.consumer({
      groupId: `${port.prefix}g`,
      heartbeatInterval: 300,
      maxWaitTimeInMs: 100,
    });
    const joins: { readonly groupProtocol: string; readonly partitions: number }[] = [];
    older.on(older.events.GROUP_JOIN, ({ payload: { groupProtocol, memberAssignment } }) => {
      joins.push({ groupProtocol, partitions: Object.values(memberAssignment).flat().length });
    });
    await older.connect();
    await older.subscribe({ topics: [`${port.prefix}${topic}`] });
    await older.run({ eachMessage: () => Promise.resolve() });
    const seen = new Recorder(() => done());
    await port.consume({ ...options, handler: seen.handler });
    await waitFor(() => joins.length >= 2, { limitMs: 15_000, what: 'the older member to join again' });
    expect(joins.at(-1)).toEqual({ groupProtocol: 'RoundRobinAssigner', partitions: 3 });
    await older.disconnect();
    const keys = await keysByPartition(port, 6);
    await waitFor(() => new Set(seen.messages.map(({ partition }) => partition)).size === keys.size, {
      limitMs: 15_000,
      what: 'the newer member to have every partition',
    });
  });

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

  it('opens each partition when its own handler has settled, and does not wait for the others', async () => {
    await using port = await openPort();
    const keys = await keysByPartition(port, 6);
    const gate = Promise.withResolvers<undefined>();
    const slow = keys.get(0);
    let handling = false;
    const owners = new Map<number, string>();
    const opened: string[] = [];
    const member = (name: string) => ({
      ...options,
      handler: async ({ key }: { readonly key: string }) => {
        if (key === slow) {
          handling = true;
          await gate.promise;
        }
        return done();
      },
      onAssigned: ({ partition }: { readonly partition: number }) => {
        owners.set(partition, name);
        opened.push(`${name}/${partition}`);
        return Promise.resolve(undefined);
      },
    });
    const ownedBy = (name: string) => [...owners].filter(([, owner]) => owner === name).map(([one]) => one);
    const counts = (...names: readonly string[]) => names.map((name) => ownedBy(name).length);
    const limit = (what: string) => ({ limitMs: 15_000, what });

    await port.consume(member('a'));
    await waitFor(() => ownedBy('a').length === 6 && handling, limit('one member, whose handler hangs'));
    await port.consume(member('b'), port.another());
    const openings = (...names: readonly string[]) =>
      names.map((name) => opened.filter((one) => one === name).length).join();
    await waitFor(
      () => openings('a/1', 'a/2') === '2,2',
      limit('the first member to open its partitions again'),
    );
    await waitFor(() => counts('a', 'b').join() === '3,3', limit('equal shares'));
    expect(openings('a/0')).toBe('1');
    gate.resolve(undefined);
    await waitFor(() => openings('a/0') === '2', limit('the partition with the slow handler to open again'));
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
