/** The position of one partition in this process. */
export interface PartitionPosition {
  /** Offset of the next message to handle. */
  readonly next: bigint;
  /** Work that started at this offset is still open, so no offset above it may be committed. Undefined: no open work. */
  readonly heldFrom: bigint | undefined;
}

/** Returns where reading starts after a join: at the consumer's own offset if it names one, else at the group's. */
export function startAt(committed: bigint, wanted: bigint | undefined): PartitionPosition {
  if (wanted === undefined) return { next: committed, heldFrom: undefined };
  // A consumer that starts past the committed offset has the messages between in memory: they stay held.
  return { next: wanted, heldFrom: committed < wanted ? committed : undefined };
}

/** Returns the position after the message at `offset` was handled. A hold stays: only the handler knows when its work ends. */
export function advance(position: PartitionPosition, offset: bigint): PartitionPosition {
  return { next: offset + 1n, heldFrom: position.heldFrom };
}

/** Returns the position after the message at `offset` was handled while work that started at `commitBelow` is open. */
export function holdAt(offset: bigint, commitBelow: bigint): PartitionPosition {
  return { next: offset + 1n, heldFrom: commitBelow <= offset ? commitBelow : undefined };
}

/** Returns the position that reads again from `to`. A hold stays. */
export function rewindTo(position: PartitionPosition, to: bigint): PartitionPosition {
  return { next: to, heldFrom: position.heldFrom };
}

/** Returns the highest offset that the group may commit. */
export function committable({ next, heldFrom }: PartitionPosition): bigint {
  return heldFrom !== undefined && heldFrom < next ? heldFrom : next;
}
