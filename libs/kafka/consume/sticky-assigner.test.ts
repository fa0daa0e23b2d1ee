import kafkajs, { type Cluster, type GroupMember, type PartitionAssigner } from 'kafkajs';
import { silentLogger } from '@waybill/observability';
import { describe, expect, it } from 'vitest';
import { createStickyAssigner } from './sticky-assigner.ts';

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;
const topic = 'export.batches';
const partitions = Array.from({ length: 24 }, (_, partitionId) => ({ partitionId }));

/** An assigner as kafkajs creates it. Of the cluster, both assigners use this one method. */
function open(assigner: PartitionAssigner) {
  const cluster = { findTopicPartitionMetadata: () => partitions } as unknown as Cluster;
  return assigner({ cluster, groupId: 'g', logger: silentLogger() as never });
}

/** One member of a group: its id, and the assigner that a consumer of it would have. */
function join(memberId: string) {
  const sticky = createStickyAssigner(() => 1);
  return { memberId, sticky, opened: open(sticky.assigner) };
}

type Joined = ReturnType<typeof join>;
/** The member of each partition. */
type Owners = ReadonlyMap<number, string>;

function requestOf({ memberId, opened }: Joined): GroupMember {
  return { memberId, memberMetadata: opened.protocol({ topics: [topic] }).metadata };
}

async function assign(assigner: PartitionAssigner, requests: readonly GroupMember[]): Promise<Owners> {
  const assigned = await open(assigner).assign({ members: [...requests], topics: [topic] });
  return new Map(
    assigned.flatMap(({ memberId, memberAssignment }) => {
      const own = MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
      return own.map((partition) => [partition, memberId] as const);
    }),
  );
}

function ownedBy(owners: Owners, memberId: string): readonly number[] {
  return [...owners].filter(([, owner]) => owner === memberId).map(([partition]) => partition);
}

function moved(before: Owners, after: Owners): number {
  return [...before].filter(([partition, owner]) => after.get(partition) !== owner).length;
}

/** Members whose ids leave room for one more before, between and after them. */
const membersBefore = (count: number) =>
  Array.from({ length: count }, (_, index) => join(`m${index * 2 + 1}`.padStart(4, '_')));
const newcomers = (count: number) =>
  Array.from({ length: count + 1 }, (_, index) => join(`m${index * 2}`.padStart(4, '_')));

/** Partitions that move when one member joins, on average over the places of its id among the others'. */
async function movedByJoin(count: number, assigner: (member: Joined) => PartitionAssigner): Promise<number> {
  const counts = await Promise.all(
    newcomers(count).map(async (newcomer) => {
      const members = membersBefore(count);
      const [leader] = members;
      if (leader === undefined) throw new Error('A group has at least one member.');
      const before = await assign(assigner(leader), members.map(requestOf));
      for (const { memberId, sticky } of members) sticky.joined({ [topic]: ownedBy(before, memberId) });
      return moved(before, await assign(assigner(leader), [...members, newcomer].map(requestOf)));
    }),
  );
  return counts.reduce((sum, one) => sum + one, 0) / counts.length;
}

// docs/measurements/rebalances.md has these figures.
describe('partitions that move when a member joins', () => {
  it.each([
    { from: 2, roundRobin: 16, sticky: 8 },
    { from: 5, roundRobin: 21.5, sticky: 4 },
    { from: 9, roundRobin: 19.5, sticky: 2 },
  ])(
    'are $sticky of 24 with $from members, where round robin moves $roundRobin on average',
    async ({ from, ...expected }) => {
      const figures = {
        roundRobin: await movedByJoin(from, () => kafkajs.PartitionAssigners.roundRobin),
        sticky: await movedByJoin(from, ({ sticky }) => sticky.assigner),
      };
      expect(figures).toEqual(expected);
    },
  );
});

describe('the claim of a member', () => {
  it('is ignored if its bytes cannot be read, and the member gets its share', async () => {
    const known = join('a');
    const unreadable = ['', 'x', 'not a claim'].map((text, index) => ({
      memberId: `b${index}`,
      memberMetadata: MemberMetadata.encode({ version: 0, topics: [topic], userData: Buffer.from(text) }),
    }));
    const owners = await assign(known.sticky.assigner, [requestOf(known), ...unreadable]);
    expect([...owners.keys()]).toHaveLength(24);
    for (const { memberId } of unreadable) expect(ownedBy(owners, memberId)).toHaveLength(6);
  });
});
