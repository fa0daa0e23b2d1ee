import type { CancelFlags } from '@waybill/redis';
import type { Permissions } from '@waybill/contacts';
import type { Opener } from '@waybill/crypto';
import type { EventProducer } from '@waybill/kafka';
import type { Logger } from '@waybill/observability';
import type { Storage } from '@waybill/object-storage';
import type { RenderMetrics } from './metrics.ts';
import type { RenderStore } from './job/job-store.ts';

/** Moments at which a crash is most interesting; tests end the process there. */
export type Moment = 'batch written' | 'file complete' | 'pointer set';

/** What the steps of rendering share. */
export interface RenderParts {
  readonly store: RenderStore;
  readonly storage: Pick<Storage, 'openUpload' | 'remove'>;
  readonly permissions: Permissions;
  readonly cancel: CancelFlags;
  readonly opener: Opener;
  readonly producer: EventProducer;
  /** Publishes what a closed job has in its outbox; false where the broker is away and the sweeper will. */
  readonly relay: (jobId: string) => Promise<boolean>;
  /** The bucket of a region. @throws ExportError REGION_UNAVAILABLE */
  readonly bucketOf: (region: string) => string;
  readonly fileTtlMs: number;
  /** Jobs are kept this long; an older batch may be of one that has ended and is gone. */
  readonly recordTtlMs: number;
  readonly compressionLevel: number;
  readonly partBytes: number;
  /** How often the file of one attempt is begun again after faults that may pass. */
  readonly maximumRestarts: number;
  readonly progressEveryMs: number;
  readonly metrics: RenderMetrics;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly reached: (moment: Moment) => void;
}
