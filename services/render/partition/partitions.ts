import type { TopicPartition, TopicPosition } from '@waybill/kafka';
import { park } from './close-job.ts';
import type { RenderParts } from '../deps.ts';
import { rememberEnd, type BatchTopic, type Track, type Tracks } from './partition-state.ts';

/**
 * Each time the group has joined. What is in memory for a partition that came back is kept where its claim is still
 * the newest, and reading goes on where it stopped; where somebody else has claimed the job, its file is thrown away
 * and the job read again from its first offset. What is in memory for a partition that went elsewhere is dropped.
 */
export function createAssignedHandler(
  tracks: Tracks,
  parts: RenderParts,
): (partitions: readonly TopicPartition<BatchTopic>[]) => Promise<readonly TopicPosition<BatchTopic>[]> {
  return async (partitions) => {
    const positions = await Promise.all(
      tracks.all().map((track) =>
        track.exclusive(async () => {
          const held = partitions.some(
            ({ topic, partition }) => topic === track.topic && partition === track.partition,
          );
          if (!held) {
            await dropTrack(tracks, track);
            return [];
          }
          const offset = await reconcile(track, parts);
          return offset === undefined ? [] : [{ topic: track.topic, partition: track.partition, offset }];
        }),
      ),
    );
    return positions.flat();
  };
}

/** Throws away every file of a partition; its jobs are begun anew by whoever has the partition now. */
export async function dropTrack(tracks: Tracks, track: Track): Promise<void> {
  tracks.forget(track);
  await Promise.all([...track.open.values()].map((open) => open.file.abandon()));
  track.open.clear();
  track.parked.clear();
}

/** Where reading goes on; undefined where nothing is open, so that the committed offset decides. */
async function reconcile(track: Track, parts: RenderParts): Promise<bigint | undefined> {
  for (const open of [...track.open.values()]) {
    const { claim, subject } = open;
    const stored = await parts.store.find(claim._id);
    const stillOpen = stored?.state === 'open' && stored.attempt === claim.attempt;
    if (stillOpen && stored.epoch === claim.epoch) continue;
    await open.file.abandon();
    if (stillOpen) park(track, open);
    else rememberEnd(track, claim._id, subject.attempt);
  }
  for (const { subject } of [...track.parked.values()]) {
    const stored = await parts.store.find(subject.jobId);
    if (stored?.state === 'open' && stored.attempt === subject.attempt) continue;
    rememberEnd(track, subject.jobId, subject.attempt);
  }
  return seekPosition(track);
}

function seekPosition(track: Track): bigint | undefined {
  const firsts = [...track.parked.values()].map(({ first }) => first);
  const positions = [...firsts, ...(track.open.size > 0 && track.next !== undefined ? [track.next] : [])];
  return positions.reduce<bigint | undefined>(
    (least, position) => (least === undefined || position < least ? position : least),
    undefined,
  );
}
