import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignPartitions, type Assignment, type Member } from './assignment.ts';

type Topics = ReadonlyMap<string, readonly number[]>;
type Assigned = ReadonlyMap<string, Assignment>;

const names = ['a', 'b', 'c'] as const;

function topicsOf(counts: readonly number[]): Topics {
  return new Map(
    counts.map((count, index) => [names[index] ?? '', Array.from({ length: count }, (_, n) => n)]),
  );
}

function member(id: string, owned: Assignment = new Map(), joinedAt = 1): Member {
  return { id, topics: names, owned, joinedAt };
}

/** The members of a later join, with what an earlier one assigned to them. */
function rejoining(ids: readonly string[], assigned: Assigned): readonly Member[] {
  return ids.map((id) => member(id, assigned.get(id)));
}

function countsOf(assigned: Assigned, topic: string): readonly number[] {
  return [...assigned.values()].map((one) => one.get(topic)?.length ?? 0);
}

function spread(counts: readonly number[]): number {
  return Math.max(...counts) - Math.min(...counts);
}

const topicCounts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: names.length });
const someIds = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 12 });
/** Claims as members may send them: of partitions that others claim too, or that do not exist. */
const claims = fc.dictionary(
  fc.constantFrom(...names, 'deleted'),
  fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 40 }),
);
const someMembers = someIds.chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.tuple(claims, fc.integer({ min: 0, max: 3 })).map(([owned, at]) => {
        return member(id, new Map(Object.entries(owned)), at);
      }),
    ),
  ),
);

describe('assignPartitions', () => {
  it('assigns every partition exactly once, whatever the members claim', () => {
    fc.assert(
      fc.property(someMembers, topicCounts, (members, counts) => {
        const topics = topicsOf(counts);
        const assigned = assignPartitions(members, topics);
        for (const [topic, partitions] of topics) {
          const all = [...assigned.values()].flatMap((one) => one.get(topic) ?? []);
          expect(all.sort((a, b) => a - b)).toEqual(partitions);
        }
        expect([...assigned.values()].flatMap((one) => [...one.keys()])).not.toContain('deleted');
      }),
    );
  });

  it('gives members numbers of partitions that differ by at most one, of each topic and in total', () => {
    fc.assert(
      fc.property(someMembers, topicCounts, (members, counts) => {
        const topics = topicsOf(counts);
        const assigned = assignPartitions(members, topics);
        for (const topic of topics.keys()) expect(spread(countsOf(assigned, topic))).toBeLessThanOrEqual(1);
        const totals = [...assigned.values()].map((one) => [...one.values()].flat().length);
        expect(spread(totals)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('assigns the same, in whatever order members and topics are named', () => {
    fc.assert(
      fc.property(someMembers, topicCounts, (members, counts) => {
        const topics = topicsOf(counts);
        const reversed = assignPartitions([...members].reverse(), new Map([...topics].reverse()));
        expect(reversed).toEqual(assignPartitions(members, topics));
      }),
    );
  });

  it('moves nothing when the same members join again', () => {
    fc.assert(
      fc.property(someIds, topicCounts, (ids, counts) => {
        const topics = topicsOf(counts);
        const first = assignPartitions(rejoining(ids, new Map()), topics);
        expect(assignPartitions(rejoining(ids, first), topics)).toEqual(first);
      }),
    );
  });

  it('takes a partition from a member that stays only if its share is smaller than what it has', () => {
    fc.assert(
      fc.property(someIds, someIds, topicCounts, (before, after, counts) => {
        const topics = topicsOf(counts);
        const first = assignPartitions(rejoining(before, new Map()), topics);
        const second = assignPartitions(rejoining(after, first), topics);
        for (const id of after) {
          for (const topic of topics.keys()) {
            const had = first.get(id)?.get(topic) ?? [];
            const has = second.get(id)?.get(topic) ?? [];
            const kept = had.filter((partition) => has.includes(partition));
            expect(kept).toHaveLength(Math.min(had.length, has.length));
          }
        }
      }),
    );
  });

  it('keeps as many partitions of a topic in place as any balanced assignment can', () => {
    fc.assert(
      fc.property(someIds, someIds, fc.integer({ min: 1, max: 40 }), (before, after, count) => {
        const topics = topicsOf([count]);
        const first = assignPartitions(rejoining(before, new Map()), topics);
        const second = assignPartitions(rejoining(after, first), topics);
        const had = after.map((id) => first.get(id)?.get('a')?.length ?? 0);
        const base = Math.floor(count / after.length);
        const possible =
          had.reduce((sum, own) => sum + Math.min(own, base), 0) +
          Math.min(count % after.length, had.filter((own) => own > base).length);
        const kept = after.flatMap((id) => {
          const has = second.get(id)?.get('a') ?? [];
          return (first.get(id)?.get('a') ?? []).filter((partition) => has.includes(partition));
        });
        expect(kept).toHaveLength(possible);
      }),
    );
  });

  it('keeps what members have when a topic gets more partitions', () => {
    fc.assert(
      fc.property(
        someIds,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (ids, few, more) => {
          const first = assignPartitions(rejoining(ids, new Map()), topicsOf([few]));
          const second = assignPartitions(rejoining(ids, first), topicsOf([few + more]));
          for (const id of ids) {
            expect(second.get(id)?.get('a') ?? []).toEqual(
              expect.arrayContaining([...(first.get(id)?.get('a') ?? [])]),
            );
          }
        },
      ),
    );
  });

  it('believes the later of two members that claim the same partitions', () => {
    const owned = new Map([['a', [2, 3]]]);
    const assigned = assignPartitions([member('x', owned, 1), member('y', owned, 2)], topicsOf([4]));
    expect(assigned.get('x')?.get('a')).toEqual([0, 1]);
    expect(assigned.get('y')?.get('a')).toEqual([2, 3]);
  });

  it('assigns a topic to its subscribers only, and leaves one without subscribers unassigned', () => {
    const older: Member = { ...member('x'), topics: ['a'] };
    const newer: Member = { ...member('y'), topics: ['a', 'b'] };
    const assigned = assignPartitions([older, newer], topicsOf([4, 2, 3]));
    expect(assigned.get('x')).toEqual(new Map([['a', [0, 1]]]));
    expect(assigned.get('y')).toEqual(
      new Map([
        ['a', [2, 3]],
        ['b', [0, 1]],
      ]),
    );
  });
});
