/**
 * The offset that a partition's group may commit: that of the first message of the oldest job that is still open, so
 * that a restart reads all of it again. `next` is the offset after the last handled message.
 */
export function commitBoundary(openFirstOffsets: Iterable<bigint>, next: bigint): bigint {
  let boundary = next;
  for (const offset of openFirstOffsets) if (offset < boundary) boundary = offset;
  return boundary;
}
