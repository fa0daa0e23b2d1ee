/** Where one partition stands in this process. */
export interface Standing {
  /** Offset of the next message to deliver. */
  readonly position: bigint;
  /** Work that began at this offset is still open: nothing from here on may be committed. Undefined: nothing is. */
  readonly heldFrom: bigint | undefined;
}

/** Where reading starts after a join: `committed` is the group's, `wanted` the consumer's own where it names one. */
export function startAt(committed: bigint, wanted: bigint | undefined): Standing {
  if (wanted === undefined) return { position: committed, heldFrom: undefined };
  // Reading past the committed offset means that somebody keeps what lies between in memory: it stays held.
  return { position: wanted, heldFrom: committed < wanted ? committed : undefined };
}

/** The message at `offset` is handled. A hold stays: only the handler knows when its work is closed. */
export function advance(standing: Standing, offset: bigint): Standing {
  return { position: offset + 1n, heldFrom: standing.heldFrom };
}

/** The message at `offset` is handled, and what began at `commitBelow` is open. */
export function holdAt(offset: bigint, commitBelow: bigint): Standing {
  return { position: offset + 1n, heldFrom: commitBelow <= offset ? commitBelow : undefined };
}

/** Reads again from `to`. What was held stays held. */
export function rewindTo(standing: Standing, to: bigint): Standing {
  return { position: to, heldFrom: standing.heldFrom };
}

/** What the group's offset may be. */
export function committable(standing: Standing): bigint {
  const { position, heldFrom } = standing;
  return heldFrom !== undefined && heldFrom < position ? heldFrom : position;
}
