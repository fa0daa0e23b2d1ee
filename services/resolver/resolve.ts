import { batchId, sealPlan, sealRows } from '@waybill/batch-payload';
import type { CancelFlags } from '@waybill/redis';
import { exportColumns, parseCriterion, type ContactSource, type Permissions } from '@waybill/contacts';
import { createDataKey, openPersonal, type DataKey, type KeyEncryption, type Opener } from '@waybill/crypto';
import { ExportError } from '@waybill/errors';
import type { EventProducer } from '@waybill/kafka';
import { childOf, type Logger } from '@waybill/observability';
import type { BatchEnd, ExportRequested, Topic } from '@waybill/schemas';
import { companyId, jobId, locales, userId } from '@waybill/domain';
import { cancellable } from './cancellable.ts';
import { freeze } from './freeze.ts';
import { createFrozenList } from './frozen-list.ts';
import {
  batchesTopic,
  planMessage,
  progressMessage,
  rowsMessage,
  type Sending,
  type StreamHead,
} from './messages.ts';
import type { ResolverMetrics } from './metrics.ts';
import { ClaimLost, type BatchRange, type Resolution } from './resolution.ts';
import { createRowSource, type PackedBatch, type PackingOptions } from './rows.ts';
import { selectionOf } from './selection.ts';
import type { ResolutionStore } from './resolution-store.ts';

/** Steps after which crash tests end the process. */
export type Moment =
  'frozen' | 'plan produced' | 'batch stored' | 'batch produced' | 'end stored' | 'end produced';

/** Dependencies and settings of resolving. */
export interface ResolveDeps {
  readonly store: ResolutionStore;
  readonly contacts: ContactSource;
  readonly permissions: Permissions;
  readonly cancel: CancelFlags;
  readonly producer: EventProducer;
  readonly keys: KeyEncryption;
  readonly opener: Opener;
  readonly packing: PackingOptions;
  /** Ids per page and per chunk of the frozen list. */
  readonly pageIds: number;
  /** Encoded bytes of one message's rows. A larger batch fails the spec. */
  readonly maximumBatchBytes: number;
  readonly metrics: ResolverMetrics;
  readonly now: () => Date;
  readonly reached: (moment: Moment) => void;
}

/** One attempt of the consumer to resolve one request. */
export interface WorkContext {
  readonly request: ExportRequested;
  /** Topic of the request. It decides the lane. */
  readonly topic: Topic;
  /** When the job was requested, in ms since the epoch. */
  readonly requestedAt: number;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
  readonly heartbeat: () => Promise<void>;
  readonly logger: Logger;
}

/** How often freezing checks for cancellation. A cancel takes effect within 1 s. */
const checkEveryMs = 200;

/** Ends `resolve` early; the caller closes the job as cancelled. */
class Cancelled extends Error {}

/**
 * Freezes and produces a claimed resolution and returns its end. After a crash it resumes where it stopped and repeats
 * only the last message, unchanged.
 * @throws ExportError if the job must fail or be retried
 * @throws ClaimLost if another process has claimed the job or the partition was revoked
 */
export async function resolve(claimed: Resolution, work: WorkContext, deps: ResolveDeps): Promise<BatchEnd> {
  let total = claimed.frozen;
  try {
    await throwIfStopped(work, deps);
    await requirePermission(work.request, deps.permissions);
    const frozen = await freezeSelection(claimed, work, deps);
    total = frozen.frozen;
    await produce(frozen, work, deps);
    return { outcome: 'resolved', total, failure: null };
  } catch (error) {
    if (error instanceof Cancelled) return { outcome: 'cancelled', total, failure: null };
    throw error;
  }
}

/** Checks the permission again: the requester may have lost it since intake checked. @throws ExportError FORBIDDEN */
async function requirePermission(
  { spec, company_id }: ExportRequested,
  permissions: Permissions,
): Promise<void> {
  const held = await permissions.of(userId(spec.user_id), companyId(company_id));
  if (!held.includes('contacts.export')) {
    throw new ExportError('FORBIDDEN', { params: { permission: 'contacts.export' } });
  }
}

async function freezeSelection(
  claimed: Resolution,
  work: WorkContext,
  deps: ResolveDeps,
): Promise<Resolution> {
  if (claimed.state !== 'freezing') return claimed;
  const { request } = work;
  const { spec } = request;
  const scope = { companyId: companyId(request.company_id), userId: userId(spec.user_id) };
  const personal = await openPersonal(deps.opener, spec.personal, scope);
  const criterion = personal.criterion === undefined ? undefined : parseCriterion(personal.criterion);
  const stopTimer = deps.metrics.freezeSeconds.startTimer();
  const freezing = freeze(claimed, selectionOf(request, criterion), {
    store: deps.store,
    contacts: deps.contacts,
    pageIds: deps.pageIds,
    betweenPages: async (resolution) => {
      await throwIfStopped(work, deps);
      sendProgress(resolution.frozen, work, deps);
    },
  });
  // Selecting a page can take seconds, so we poll for cancellation meanwhile. A late `appendChunk()` is rejected, because
  // the resolution is already `closing`.
  const frozen = await cancellable(freezing, () => throwIfStopped(work, deps), checkEveryMs);
  stopTimer();
  deps.reached('frozen');
  sendProgress(frozen.frozen, work, deps);
  const properties = await deps.contacts.fieldProperties(scope.companyId);
  const locale = locales.find((known) => known === spec.locale) ?? 'en';
  return deps.store.storePlan(frozen, exportColumns(properties, spec.fields, locale));
}

/** The resolution that is produced, and the key of its payloads. */
interface ProducingContext {
  readonly key: DataKey;
  readonly resolution: Resolution;
  readonly work: WorkContext;
}

async function produce(resolution: Resolution, work: WorkContext, deps: ResolveDeps): Promise<void> {
  const { columns, snapshot_at: snapshotAt, frozen: total } = resolution;
  if (columns === null) throw new Error('A resolution that produces has no columns.');
  const { request, topic } = work;
  const key = await createDataKey(deps.keys);
  if (resolution.batch === null) {
    const id = batchId(request, 0);
    const payload = await sealPlan(key, { columns, total, snapshotAt }, id);
    const content = { payload, spec: request.spec };
    const message = planMessage(headOf(request, resolution), content, sending(work, deps));
    await deps.producer.send(batchesTopic(topic), message);
    deps.reached('plan produced');
  }
  const rows = createRowSource({
    companyId: companyId(request.company_id),
    columns,
    list: createFrozenList(resolution.chunks, (id) => deps.store.chunk(id)),
    contacts: deps.contacts,
    packing: deps.packing,
  });
  const producing: ProducingContext = { key, resolution, work };
  let last: BatchRange = { number: 0, from: 0, to: 0 };
  if (resolution.batch !== null) {
    await produceBatch(await rows.again(resolution.batch), producing, deps);
    last = resolution.batch;
  }
  for await (const batch of rows.after(last, total)) {
    await produceBatch(batch, producing, deps);
  }
}

/** Stores a batch, produces it, and waits for its acknowledgement. */
async function produceBatch(
  batch: PackedBatch,
  { key, resolution, work }: ProducingContext,
  deps: ResolveDeps,
): Promise<void> {
  const { request, topic } = work;
  await throwIfStopped(work, deps);
  if (batch.bytes > deps.maximumBatchBytes) {
    throw new ExportError('EXPORT_BATCH_TOO_LARGE', { params: { bytes: batch.bytes } });
  }
  const [payload] = await Promise.all([
    sealRows(key, batch.rows, batchId(request, batch.range.number)),
    deps.store.storeBatch(resolution, batch.range),
  ]);
  deps.reached('batch stored');
  const { range, skippedIds } = batch;
  const content = { range, rows: batch.rows.length, skippedIds, payload };
  const message = rowsMessage(headOf(request, resolution), content, sending(work, deps));
  await deps.producer.send(batchesTopic(topic), message);
  deps.reached('batch produced');
  deps.metrics.batchBytes.observe(batch.bytes);
  deps.metrics.contacts.inc({ result: 'read' }, batch.rows.length);
  deps.metrics.contacts.inc({ result: 'skipped' }, message.event.skipped);
}

/** Returns the fields of every message of a stream. */
export function headOf(
  request: ExportRequested,
  { partition, stream }: Pick<Resolution, 'partition' | 'stream'>,
): StreamHead {
  const { job_id, company_id, attempt, repeat } = request;
  return { job_id, company_id, partition, attempt, stream, repeated: repeat !== null };
}

/**
 * Sends a heartbeat before each page and each batch.
 * @throws ClaimLost if the partition was revoked
 * @throws Cancelled if the job is to be cancelled
 */
async function throwIfStopped(work: WorkContext, deps: ResolveDeps): Promise<void> {
  if (work.signal.aborted) throw new ClaimLost('the partition was revoked');
  await work.heartbeat();
  if (await deps.cancel.isRaised(jobId(work.request.job_id), work.request.attempt)) throw new Cancelled();
}

function sending(work: WorkContext, deps: ResolveDeps): Sending {
  return { at: deps.now().getTime(), traceparent: childOf(work.traceparent) };
}

/** Sends progress, best effort: a lost message is followed by the next. */
function sendProgress(frozen: number, work: WorkContext, deps: ResolveDeps): void {
  const message = progressMessage(work.request, frozen, sending(work, deps));
  deps.producer.send('export.progress', message).catch((error: unknown) => {
    work.logger.debug({ error }, 'progress not sent');
  });
}
