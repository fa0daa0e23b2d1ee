import { exportBatch } from '@waybill/fixtures';
import { createMetrics, silentLogger } from '@waybill/observability';
import type { Tally } from '@waybill/sheet';
import { companyId, jobId, type Permission } from '@waybill/domain';
import { describe, expect, it } from 'vitest';
import type { RenderDeps } from '../deps.ts';
import type { Closed } from '../job/job-store.ts';
import type { Ending } from '../job/messages.ts';
import { createRenderMetrics } from '../metrics.ts';
import { sampleSpec } from '../testing/sample-spec.ts';
import type { BatchMessage, OpenJob } from './partition-state.ts';
import { Partition } from './partition.ts';

const none = { total: 0, byField: {} };
const key = 'private/exports/main/acme/job/1/contacts.csv';
/** The list of what the file leaves out goes first. */
const removed = [`removed ${key}.skipped`, `removed ${key}`];
const id = jobId('job');

interface Given {
  readonly rows: number;
  readonly permissions?: readonly Permission[];
  /** Whether a cancel arrives after the end of the stream was read. */
  readonly cancelled?: boolean;
  readonly closed?: Closed;
}

const endOfStream: BatchMessage = {
  topic: 'export.batches',
  partition: 0,
  offset: 9n,
  key: id,
  id: 'end',
  type: 'export.batches',
  companyId: 'acme',
  attempt: 1,
  tries: 1,
  at: 0,
  event: exportBatch({
    job_id: id,
    company_id: 'acme',
    kind: 'end',
    number: 2,
    end: { outcome: 'resolved', total: 10, failure: null },
  }),
};

/** Opens a job of ten contacts, three of them skipped. Its writer has written `rows` rows. */
function openJob(rows: number, done: string[]): OpenJob {
  const tally: Tally = { rows, cellsTruncated: none, cellsAsText: none, charactersReplaced: none };
  return {
    claim: { _id: id, attempt: 1, epoch: 1 },
    subject: { jobId: id, companyId: companyId('acme'), attempt: 1, stream: 0, spec: sampleSpec },
    snapshotAt: 0,
    first: 3n,
    startedAt: 0,
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
    stream: { nextNumber: 2, position: 10, skipped: 3, skippedIds: [], total: 10 },
    lastMessageAt: 0,
    lastProgressAt: 0,
    gapRetried: false,
  };
}

/** Applies the end of the stream to a partition with one open job, and returns what was done. */
async function applyEnd(given: Given) {
  const done: string[] = [];
  const closes: Ending[] = [];
  const unused = () => Promise.reject(new Error('not used here'));
  let asked = 0;
  const deps: RenderDeps = {
    store: {
      find: unused,
      claim: unused,
      addEvent: unused,
      close: (_, { ending }) => {
        done.push(`closed ${ending.state}`);
        closes.push(ending);
        return Promise.resolve(given.closed ?? { won: true });
      },
    },
    storage: {
      openUpload: () => {
        throw new Error('not used here');
      },
      remove: (address) => {
        done.push(`removed ${address.key}`);
        return Promise.resolve();
      },
    },
    permissions: { of: () => Promise.resolve(given.permissions ?? ['contacts.export']) },
    cancel: {
      raise: () => Promise.resolve(),
      isRaised: () => Promise.resolve(asked++ > 0 && (given.cancelled ?? false)),
      close: () => undefined,
    },
    opener: { open: unused },
    producer: { send: () => Promise.resolve(), stop: () => Promise.resolve() },
    relay: () => {
      done.push('relayed');
      return Promise.resolve(true);
    },
    bucketOf: () => 'bucket',
    installation: 'main',
    fileTtlMs: 1_000,
    recordTtlMs: 2_000,
    compressionLevel: 5,
    omitReferences: false,
    deadlineMs: 1_000,
    progressEveryMs: 0,
    metrics: createRenderMetrics(createMetrics('test', { processMetrics: false })),
    logger: silentLogger(),
    now: () => new Date(50),
    reached: () => undefined,
  };
  const partition = new Partition('export.batches', 0, deps);
  partition.state.add(openJob(given.rows, done));
  const outcome = await partition.apply(endOfStream);
  return { done, ending: closes[0], outcome, state: partition.state };
}

describe('Partition.apply at the end of a stream', () => {
  it('sets the file pointer when the receipt balances, and only after the file is complete', async () => {
    const { done, ending } = await applyEnd({ rows: 7 });
    expect(done).toEqual(['completed', 'closed succeeded', 'relayed']);
    expect(ending).toMatchObject({
      file: { key, bytes: 9, expires_at: 1_050 },
      receipt: { matched: 10, written: 7, skipped: 3, sha256: 'ab' },
    });
  });

  it('fails the job and removes the object when the receipt does not balance', async () => {
    const { done, ending } = await applyEnd({ rows: 6 });
    expect(done).toEqual(['completed', 'closed failed', 'relayed', ...removed]);
    expect(ending).toMatchObject({ failure: { code: 'EXPORT_RECEIPT_MISMATCH', params: { written: '6' } } });
  });

  it('removes the object when a cancel arrives while the file is completed', async () => {
    const { done } = await applyEnd({ rows: 7, cancelled: true });
    expect(done).toEqual(['completed', 'closed cancelled', 'relayed', ...removed]);
  });

  it('does not complete the file when the requester has lost the permission', async () => {
    const { done, ending } = await applyEnd({ rows: 7, permissions: ['contacts.export.admin'] });
    expect(done).toEqual(['closed failed', 'relayed', 'abandoned']);
    expect(ending).toMatchObject({ failure: { code: 'FORBIDDEN' } });
  });

  it('removes the object and publishes nothing when another claim is newer', async () => {
    const { done, state, outcome } = await applyEnd({ rows: 7, closed: { won: false, stored: undefined } });
    expect(done).toEqual(['completed', 'closed succeeded', ...removed]);
    expect(outcome).toBeUndefined();
    expect(state.open.size).toBe(0);
  });
});
