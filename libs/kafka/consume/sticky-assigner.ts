import kafkajs, { type GroupMember, type PartitionAssigner } from 'kafkajs';
import { assignPartitions, type Assignment, type Member } from './assignment.ts';

// Node does not find it as a named export of this CommonJS package.
const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol;

/** Name of the assignment protocol in the group. A change that older members cannot read needs a new name. */
export const stickyProtocol = 'waybill-sticky';
const version = 0;

/** What a member was assigned by its last join, and when that was, in ms since the epoch. */
type Claim = Pick<Member, 'owned' | 'joinedAt'>;

const nothing: Claim = { owned: new Map(), joinedAt: 0 };

/** The assigner of one consumer, which remembers the consumer's partitions. */
export interface StickyAssigner {
  /** For the consumer's `partitionAssigners`. */
  readonly assigner: PartitionAssigner;
  /** Records what a join has assigned to the consumer, with the assigner of that join. */
  joined(assignment: Readonly<Record<string, readonly number[]>>): void;
}

/**
 * Creates an assigner under which members keep their partitions (`assignPartitions`). Each member sends what it has with
 * its request to join, as the user data of its subscription; kafkajs asks for that at every join. The claim outlives a
 * lost connection, so that a restart of the brokers moves nothing.
 */
export function createStickyAssigner(now: () => number): StickyAssigner {
  let claim = nothing;
  return {
    assigner: ({ cluster }) => ({
      name: stickyProtocol,
      version,
      protocol: ({ topics }) => ({
        name: stickyProtocol,
        metadata: MemberMetadata.encode({ version, topics, userData: encodeClaim(claim) }),
      }),
      assign: ({ members, topics }) => {
        const partitions = topics.map((topic) => {
          const found = cluster.findTopicPartitionMetadata(topic);
          return [topic, found.map(({ partitionId }) => partitionId)] as const;
        });
        const assigned = assignPartitions(members.map(memberOf), new Map(partitions));
        return Promise.resolve(
          [...assigned].map(([memberId, assignment]) => ({
            memberId,
            memberAssignment: encodeAssignment(assignment, Buffer.alloc(0)),
          })),
        );
      },
    }),
    joined(assignment) {
      claim = { owned: new Map(Object.entries(assignment)), joinedAt: now() };
    },
  };
}

function memberOf({ memberId, memberMetadata }: GroupMember): Member {
  const { topics, userData } = MemberMetadata.decode(memberMetadata) ?? { topics: [], userData: undefined };
  return { id: memberId, topics, ...decodeClaim(userData) };
}

/** An assignment of Kafka's consumer protocol whose own user data is the time of the join. */
function encodeClaim({ owned, joinedAt }: Claim): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigInt64BE(BigInt(joinedAt));
  return encodeAssignment(owned, time);
}

/** Returns what a member says that it has; nothing if that cannot be read, because the group must assign without it too. */
function decodeClaim(bytes: Buffer | undefined): Claim {
  try {
    const found = bytes === undefined ? null : MemberAssignment.decode(bytes);
    if (found === null) return nothing;
    const owned = new Map(Object.entries(found.assignment));
    return { owned, joinedAt: Number(found.userData.readBigInt64BE()) };
  } catch {
    return nothing;
  }
}

function encodeAssignment(assignment: Assignment, userData: Buffer): Buffer {
  const entries = [...assignment].map(
    ([topic, partitions]) => [topic, [...partitions]] as [string, number[]],
  );
  return MemberAssignment.encode({ version, assignment: Object.fromEntries(entries), userData });
}
