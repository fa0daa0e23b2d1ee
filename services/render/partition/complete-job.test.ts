import { createMetrics, silentLogger } from '@waybill/observability';
import type { Tally } from '@waybill/sheet';
import type { Permission } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import { finishJob } from './complete-job.ts';
import type { Ending } from '../job/messages.ts';
import { createRenderMetrics } from '../metrics.ts';
import type { RenderParts } from '../deps.ts';
import type { Closed } from '../job/job-store.ts';
import { sampleJob } from '../testing/sample-job.ts';
import { createTrack, type OpenJob } from './partition-state.ts';

const none = { total: 0, byField: {} };
const key = 'private/exports/acme/job/1/contacts.csv';

interface Given {
  readonly rows: number;
  readonly permissions?: readonly Permission[];
  readonly cancelled?: boolean;
  readonly closed?: Closed;
}

/** Finishes a job of ten contacts, three of them skipped, and gives what was done to the world. */
async function finish(given: Given) {
  const done: string[] = [];
  const closes: Ending[] = [];
  const tally: Tally = {
    rows: given.rows,
    cellsTruncated: none,
    cellsAsText: none,
    charactersReplaced: none,
  };
  const open: OpenJob = {
    claim: { _id: 'job', attempt: 1, epoch: 1 },
    subject: { jobId: 'job', companyId: 'acme', attempt: 1, job: sampleJob },
    snapshotAt: 0,
    first: 3n,
    file: {
      write: () => Promise.resolve(),
      finish: () => {
        done.push('completed');
        return Promise.resolve({ tally, bytes: 9, sha256: 'ab' });
      },
      abandon: () => {
        done.push('abandoned');
        return Promise.resolve();
      },
      bytes: () => 9,
      heldBytes: () => 0,
    },
    bucket: 'bucket',
    key,
    names: { shown: 'contacts.csv', ascii: 'contacts.csv' },
    stream: { nextNumber: 2, position: 10, skipped: 3, total: 10 },
    lastMessageAt: 0,
    gapSought: false,
  };
  const track = createTrack('export.batches', 0, 0);
  track.open.set('job', open);
  const never = () => Promise.reject(new Error('not asked for here'));
  const parts: RenderParts = {
    store: {
      find: never,
      claim: never,
      close: (_, ending) => {
        done.push(`closed ${ending.state}`);
        closes.push(ending);
        return Promise.resolve(given.closed ?? { won: true });
      },
    },
    storage: {
      openUpload: () => {
        throw new Error('not asked for here');
      },
      remove: (address) => {
        done.push(`removed ${address.key}`);
        return Promise.resolve();
      },
    },
    permissions: { of: () => Promise.resolve(given.permissions ?? ['contacts.export']) },
    cancel: {
      raise: never,
      isRaised: () => Promise.resolve(given.cancelled ?? false),
      close: () => undefined,
    },
    opener: { open: never },
    producer: { send: never, stop: () => Promise.resolve() },
    relay: () => {
      done.push('relayed');
      return Promise.resolve(true);
    },
    bucketOf: () => 'bucket',
    fileTtlMs: 1_000,
    recordTtlMs: 2_000,
    compressionLevel: 5,
    partBytes: 5,
    maximumRestarts: 4,
    progressEveryMs: 0,
    metrics: createRenderMetrics(createMetrics('test', { processMetrics: false })),
    logger: silentLogger(),
    now: () => 50,
    reached: () => undefined,
  };
  await finishJob(track, open, parts);
  return { done, ending: closes[0], track };
}

describe('finishing a file', () => {
  it('sets the pointer when the receipt balances, and only after the file is complete', async () => {
    const { done, ending } = await finish({ rows: 7 });
    expect(done).toEqual(['completed', 'closed succeeded', 'relayed']);
    expect(ending).toMatchObject({
      file: { key, bytes: 9, expires_at: 1_050 },
      receipt: { matched: 10, written: 7, skipped: 3, sha256: 'ab' },
    });
  });

  it('withholds a file whose receipt does not balance: the job fails and the object goes', async () => {
    const { done, ending } = await finish({ rows: 6 });
    expect(done).toEqual(['completed', 'closed failed', 'relayed', `removed ${key}`]);
    expect(ending).toMatchObject({ failure: { code: 'EXPORT_RECEIPT_MISMATCH', params: { written: '6' } } });
  });

  it('takes the object away when a cancel came while the file was completed', async () => {
    const { done } = await finish({ rows: 7, cancelled: true });
    expect(done).toEqual(['completed', 'closed cancelled', 'relayed', `removed ${key}`]);
  });

  it('does not even complete a file for somebody who lost the permission', async () => {
    const { done, ending } = await finish({ rows: 7, permissions: ['contacts.export.admin'] });
    expect(done).toEqual(['closed failed', 'relayed', 'abandoned']);
    expect(ending).toMatchObject({ failure: { code: 'FORBIDDEN' } });
  });

  it('takes the object away, and publishes nothing, when another claim is newer', async () => {
    const { done, track } = await finish({ rows: 7, closed: { won: false, stored: null } });
    expect(done).toEqual(['completed', 'closed succeeded', `removed ${key}`]);
    expect(track.open.size).toBe(0);
  });
});
