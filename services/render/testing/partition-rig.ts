import { randomUUID } from 'node:crypto';
import { batchId, encodeRow, sealPlan, sealRows } from '@waybill/batch-payload';
import { createPermissions } from '@waybill/contacts';
import { createDataKey, createOpener, keyEncryptionFromSettings } from '@waybill/crypto';
import { companyId, jobId, organizationId, userId } from '@waybill/domain';
import { exportBatch, recordMember, testKeySettings } from '@waybill/fixtures';
import { openStore } from '@waybill/mongo';
import { createStorage } from '@waybill/object-storage';
import { createMetrics, silentLogger } from '@waybill/observability';
import { createCancelFlags, type CancelFlags } from '@waybill/redis';
import type { ExportBatch } from '@waybill/schemas';
import { sharedAddresses, uniqueName, waitFor } from '@waybill/testbed';
import type { RenderDeps } from '../deps.ts';
import type { RenderJob } from '../job/job.ts';
import { createJobStore, jobsOf, type JobStore } from '../job/job-store.ts';
import { createRenderMetrics } from '../metrics.ts';
import { Partition } from '../partition/partition.ts';
import type { BatchMessage } from '../partition/partition-state.ts';
import { sampleSpec } from './sample-spec.ts';

const company = 'acme';

/** Where every message of the rig is. */
export const place = { topic: 'export.batches', partition: 0 } as const;

/** What a test may set of a message; the rest suits its kind. */
export type MessagePart = Partial<ExportBatch> & {
  /** When it was sent, in ms since the epoch. */
  readonly at?: number;
};

/** Partitions of render on real MongoDB, Redis and object storage. Their messages are made by hand and handed over directly. */
export interface PartitionRig extends AsyncDisposable {
  readonly jobs: JobStore;
  readonly cancel: CancelFlags;
  /** Events that the partitions have sent to Kafka. */
  readonly sent: { readonly topic: string; readonly event: unknown }[];
  /** How far the clock of the partitions is ahead, in ms. */
  aheadMs: number;
  deps(changes?: Partial<RenderDeps>): RenderDeps;
  /** Creates the partition of one process. */
  partition(changes?: Partial<RenderDeps>): Partition;
  plan(job: string, offset: bigint, total: number, part?: MessagePart): Promise<BatchMessage>;
  /** Builds a batch of one column, from a position on. */
  rows(
    job: string,
    offset: bigint,
    batch: { readonly number: number; readonly from: number; readonly ids: readonly string[] } & MessagePart,
  ): Promise<BatchMessage>;
  end(job: string, offset: bigint, part: MessagePart): BatchMessage;
  stored(job: string): Promise<RenderJob | undefined>;
}

export async function openPartitionRig(): Promise<PartitionRig> {
  const logger = silentLogger();
  const { mongo, redis, s3 } = sharedAddresses();
  const store = openStore({ url: mongo.url, database: uniqueName('partition'), logger });
  const storage = createStorage({ ...s3, logger });
  const bucket = uniqueName('partition');
  const cancel = createCancelFlags({ url: redis.url, logger });
  const keys = keyEncryptionFromSettings(testKeySettings);
  const jobs = createJobStore(jobsOf(store));
  const key = await createDataKey(keys);
  await storage.ensureBucket(bucket);
  await recordMember(store.db, companyId(company), organizationId('o'), {
    userId: userId(sampleSpec.user_id),
    email: 'u@example.test',
    name: 'U',
    locale: 'en',
    permissions: ['contacts.export'],
  });
  await waitFor(() => cancel.raise(jobId(randomUUID()), 1).then(() => true), {
    limitMs: 10_000,
    what: 'the connection to Redis',
  });

  function message(job: string, offset: bigint, { at, ...part }: MessagePart): BatchMessage {
    const event = exportBatch({ job_id: job, company_id: company, ...part });
    const { attempt } = event;
    const head = { key: job, id: randomUUID(), type: 'export.batches', companyId: company, attempt };
    return { ...place, offset, ...head, tries: 1, at: at ?? Date.now(), event };
  }
  const idOf = (job: string, number: number, { attempt = 1 }: MessagePart) =>
    batchId({ company_id: company, job_id: job, attempt }, number);

  const rig: PartitionRig = {
    jobs,
    cancel,
    sent: [],
    aheadMs: 0,
    deps: (changes) => ({
      store: jobs,
      storage,
      permissions: createPermissions(store.db),
      cancel,
      opener: createOpener(keys),
      producer: {
        send: (topic, { event }) => Promise.resolve(void rig.sent.push({ topic, event })),
        stop: () => Promise.resolve(),
      },
      relay: () => Promise.resolve(true),
      bucketOf: () => bucket,
      installation: 'main',
      fileTtlMs: 1_000_000,
      recordTtlMs: 1_000_000,
      compressionLevel: 5,
      omitReferences: false,
      deadlineMs: 100_000,
      progressEveryMs: 1_000_000,
      metrics: createRenderMetrics(createMetrics('test', { processMetrics: false })),
      logger,
      now: () => new Date(Date.now() + rig.aheadMs),
      reached: () => undefined,
      ...changes,
    }),
    partition: (changes) => new Partition(place.topic, place.partition, rig.deps(changes)),
    async plan(job, offset, total, part = {}) {
      const columns = [{ name: 'id', header: 'Contact ID', fieldType: 'id' }];
      const payload = await sealPlan(key, { columns, total, snapshotAt: Date.now() }, idOf(job, 0, part));
      return message(job, offset, { kind: 'plan', number: 0, payload, spec: sampleSpec, ...part });
    },
    async rows(job, offset, { number, from, ids, ...part }) {
      const rows = ids.map((id) => encodeRow([id]));
      const payload = await sealRows(key, rows, idOf(job, number, part));
      const range = { from, to: from + ids.length, rows: ids.length, skipped: 0 };
      return message(job, offset, { kind: 'rows', number, ...range, payload, ...part });
    },
    end: (job, offset, part) => message(job, offset, { kind: 'end', ...part }),
    stored: (job) => jobs.find(jobId(job)),
    async [Symbol.asyncDispose]() {
      await store.db.dropDatabase();
      await store.close();
      cancel.close();
      storage.close();
    },
  };
  return rig;
}
