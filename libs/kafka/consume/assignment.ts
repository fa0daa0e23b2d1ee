/** Partition numbers by topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/** One member of a group, as the assignment sees it. */
export interface Member {
  readonly id: string;
  /** The topics that it subscribes to. */
  readonly topics: readonly string[];
  /** What it was assigned by its last join; empty for a new member. */
  readonly owned: Assignment;
  /** When that join was, in ms since the epoch. Of two members that name the same partition, the later one owns it. */
  readonly joinedAt: number;
}

/**
 * Assigns every partition of `topics` to one subscriber of its topic, and moves as few of them as it can. The result
 * depends on the members and topics only, not on their order.
 *
 * Each topic is shared out by itself, so that the members' numbers of its partitions differ by at most one. A member keeps
 * what it owns up to its share. Which members get one partition more than the others is decided by how many such extra
 * partitions they have of earlier topics, then by who would keep one: so the totals of members with equal subscriptions
 * differ by at most one too.
 */
export function assignPartitions(
  members: readonly Member[],
  topics: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, Assignment> {
  const byId = [...members].sort((a, b) => compare(a.id, b.id));
  const assigned = new Map(byId.map(({ id }) => [id, new Map<string, readonly number[]>()]));
  const extras = new Map(byId.map(({ id }) => [id, 0]));
  // The largest topic first: its partitions are the first to stay.
  const ordered = [...topics].sort(([a, as], [b, bs]) => bs.length - as.length || compare(a, b));
  for (const [topic, partitions] of ordered) {
    const subscribers = byId.filter((member) => member.topics.includes(topic));
    if (subscribers.length === 0) continue;
    for (const [id, share] of shareOut(topic, partitions, { subscribers, extras })) {
      if (share.length > 0) assigned.get(id)?.set(topic, share);
    }
  }
  return assigned;
}

interface Sharing {
  /** In the order of their ids; at least one. */
  readonly subscribers: readonly Member[];
  /** How many extra partitions each member has of earlier topics; counted on here. */
  readonly extras: Map<string, number>;
}

/** Returns the partitions of one topic that each subscriber gets. */
function shareOut(
  topic: string,
  partitions: readonly number[],
  { subscribers, extras }: Sharing,
): ReadonlyMap<string, readonly number[]> {
  const base = Math.floor(partitions.length / subscribers.length);
  const owned = ownedOf(topic, partitions, subscribers);
  const extraOf = ({ id }: Member) => extras.get(id) ?? 0;
  const wouldKeep = ({ id }: Member) => (owned.get(id)?.length ?? 0) > base;
  const withExtra = new Set(
    [...subscribers]
      .sort((a, b) => extraOf(a) - extraOf(b) || Number(wouldKeep(b)) - Number(wouldKeep(a)))
      .slice(0, partitions.length % subscribers.length),
  );
  for (const member of withExtra) extras.set(member.id, extraOf(member) + 1);
  const sizeOf = (member: Member) => base + (withExtra.has(member) ? 1 : 0);
  const kept = new Map(
    subscribers.map((member) => [member.id, (owned.get(member.id) ?? []).slice(0, sizeOf(member))]),
  );
  const taken = new Set([...kept.values()].flat());
  const free = ascending(partitions).filter((partition) => !taken.has(partition));
  return new Map(
    subscribers.map((member) => {
      const own = kept.get(member.id) ?? [];
      return [member.id, ascending([...own, ...free.splice(0, sizeOf(member) - own.length)])];
    }),
  );
}

/** Returns which partitions of a topic each member owns, in ascending order. A partition has one owner at most. */
function ownedOf(
  topic: string,
  partitions: readonly number[],
  subscribers: readonly Member[],
): ReadonlyMap<string, readonly number[]> {
  const existing = new Set(partitions);
  const owners = new Map<number, Member>();
  for (const member of subscribers) {
    for (const partition of member.owned.get(topic) ?? []) {
      const other = owners.get(partition);
      const isLater = other === undefined || member.joinedAt > other.joinedAt;
      if (existing.has(partition) && isLater) owners.set(partition, member);
    }
  }
  return Map.groupBy(ascending([...owners.keys()]), (partition) => owners.get(partition)?.id ?? '');
}

function ascending(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/** Compares code units: the order must not depend on the locale of a process. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
