import type { Logger } from '@waybill/observability';
import type { EachBatchPayload } from 'kafkajs';
import { backoffMs, pause, type BackoffLimits } from '../broker/backoff.ts';
import type { Generation, HeldPartition } from './generation.ts';

/** The broker's words for: this generation is over, or about to be. Another try under it cannot succeed. */
const overTypes = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'];

/**
 * Commits one offset under the generation that the batch was fetched in, and under no other. The batch's own
 * `commitOffsetsIfNecessary` sends the generation of the moment it is called; `consumer.commitOffsets` would try again
 * by itself, under whatever generation there is by then.
 * @returns false if the group was not told. Never throws.
 */
export async function commitOffset(
  payload: Pick<EachBatchPayload, 'commitOffsetsIfNecessary'>,
  generation: Generation,
  held: HeldPartition,
  offset: bigint,
  limits: BackoffLimits,
  logger: Logger,
): Promise<boolean> {
  const partitions = [{ partition: held.partition, offset: String(offset) }];
  for (let failures = 1; !generation.over; failures += 1) {
    try {
      await payload.commitOffsetsIfNecessary({ topics: [{ topic: held.topic, partitions }] });
      return true;
    } catch (error) {
      const fields = { topic: held.topic, partition: held.partition, offset: String(offset), error };
      logger.warn(fields, 'an offset could not be committed');
      if (isOver(error)) return false;
    }
    const waitMs = backoffMs(failures, limits.backoffFromMs, limits.backoffToMs);
    if (!(await pause(waitMs, generation.taking))) return false;
  }
  return false;
}

function isOver(error: unknown): boolean {
  return error instanceof Error && 'type' in error && overTypes.includes(String(error.type));
}
