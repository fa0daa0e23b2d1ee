import type { EventConsumer } from '@waybill/kafka';
import { repeat, type Repeating } from '@waybill/service';
import type { RegionBuckets, Storage } from '@waybill/object-storage';
import type { Collection } from 'mongodb';
import type { RenderConfig } from './config.ts';
import type { RenderJob } from './job/job.ts';
import type { RenderParts } from './deps.ts';
import { sweepFiles } from './sweeper.ts';
import type { Tracks } from './partition/partition-state.ts';
import { keepBudget, watchTrack, type WatchLimits } from './partition/idle-jobs.ts';

/** One lane: its consumer and what it knows of its partitions. */
export interface Lane {
  readonly tracks: Tracks;
  readonly consumer: EventConsumer;
}

export interface BackgroundParts {
  readonly config: RenderConfig;
  readonly parts: RenderParts;
  readonly jobs: Collection<RenderJob>;
  readonly storage: Storage;
  readonly regions: RegionBuckets;
  readonly lanes: readonly Lane[];
}

/** The work that no message starts: watching jobs that wait, and sweeping. */
export function startBackground(options: BackgroundParts): readonly Repeating[] {
  const { config, parts, jobs, storage, regions, lanes } = options;
  const { logger, now } = parts;
  const limits: WatchLimits = {
    stallMs: config.STALL_MS,
    idleMs: config.IDLE_MS,
    heldBytes: config.HELD_BYTES,
  };
  const watch = repeat({
    everyMs: config.WATCH_EVERY_MS,
    logger,
    failure: 'waiting jobs not watched',
    work: () => watchLanes(lanes, parts, limits),
  });
  const sweep = repeat({
    everyMs: config.SWEEP_EVERY_MS,
    logger,
    failure: 'files not swept',
    work: () =>
      sweepFiles({
        jobs,
        storage,
        buckets: regions.buckets,
        recordTtlMs: config.RECORD_TTL_MS,
        dryRun: config.SWEEP_DRY_RUN,
        logger,
        swept: parts.metrics.swept,
        now,
      }),
  });
  return [watch, sweep];
}

async function watchLanes(lanes: readonly Lane[], parts: RenderParts, limits: WatchLimits): Promise<void> {
  await Promise.all(
    lanes.flatMap(({ consumer, tracks }) =>
      tracks.all().map((track) => {
        // Who cannot read cannot know that there is nothing to read.
        if (!consumer.ready()) track.lastBehindAt = parts.now();
        return watchTrack(track, parts, limits);
      }),
    ),
  );
  const all = lanes.flatMap(({ tracks }) => tracks.all());
  await keepBudget(all, parts, limits);
}
