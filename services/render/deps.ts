import type { CancelFlags } from '@waybill/redis';
import type { Permissions } from '@waybill/contacts';
import type { Opener } from '@waybill/crypto';
import type { EventProducer } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import type { Storage } from '@waybill/object-storage';
import type { JobStore } from './job/job-store.ts';
import type { RenderMetrics } from './metrics.ts';

/** Steps after which crash tests end the process. */
export type Moment = 'batch written' | 'file complete' | 'pointer set';

/** Dependencies and settings that the steps of rendering share. */
export interface RenderDeps {
  readonly store: JobStore;
  readonly storage: Pick<Storage, 'openUpload' | 'remove'>;
  readonly permissions: Permissions;
  readonly cancel: CancelFlags;
  readonly opener: Opener;
  readonly producer: EventProducer;
  /** Publishes the outbox of a closed job. Returns false while the broker is away; the outbox sweep publishes later. */
  readonly relay: (jobId: string) => Promise<boolean>;
  /** Returns the bucket of a region. @throws ExportError REGION_UNAVAILABLE */
  readonly bucketOf: (region: string) => string;
  /** The id of this installation, which is part of the key of every file. */
  readonly installation: string;
  readonly fileTtlMs: number;
  /** Retention of job records. An older batch is ignored: its job may have ended and its record may be removed. */
  readonly recordTtlMs: number;
  readonly compressionLevel: number;
  /** Whether XLSX cells omit their references where they may. */
  readonly omitReferences: boolean;
  /** Age at which a job whose servers are away fails, from its plan. */
  readonly deadlineMs: number;
  readonly progressEveryMs: number;
  readonly metrics: RenderMetrics;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly reached: (moment: Moment) => void;
}
