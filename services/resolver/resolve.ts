import { sealPlan, sealRows } from '@waybill/batch-payload';
import type { CancelFlags } from '@waybill/redis';
import { exportColumns, parseCriterion, type ContactSource, type Permissions } from '@waybill/contacts';
import { createDataKey, openPersonal, type DataKey, type KeyEncryption, type Opener } from '@waybill/crypto';
import { ExportError } from '@waybill/errors';
import type { EventProducer } from '@waybill/kafka';
import { childOf, type Logger } from '@waybill/observability';
import type { BatchEnd, ExportRequested, Topic } from '@waybill/schemas';
import { companyId, jobId, locales, userId } from '@waybill/domain';
import { freeze } from './freeze.ts';
import { unlessGivenUp } from './cancellable.ts';
import { createFrozenList } from './frozen-list.ts';
import { batchesTopic, planMessage, progressMessage, rowsMessage, type Sending } from './messages.ts';
import type { ResolverMetrics } from './metrics.ts';
import { ClaimLost, type BatchRange, type Resolution } from './resolution.ts';
import { createRowSource, type PackedBatch, type PackingOptions } from './rows.ts';
import { selectionOf } from './selection.ts';
import type { ResolutionStore } from './resolution-store.ts';

/** Moments at which a crash is most interesting; tests end the process there. */
export type Moment =
  'frozen' | 'plan produced' | 'batch stored' | 'batch produced' | 'end stored' | 'end produced';

/** What resolving needs beside the request. */
export interface ResolveParts {
  readonly store: ResolutionStore;
  readonly contacts: ContactSource;
  readonly permissions: Permissions;
  readonly cancel: CancelFlags;
  readonly producer: EventProducer;
  readonly keys: KeyEncryption;
  readonly opener: Opener;
  readonly packing: PackingOptions;
  /** Ids of one page and chunk of the frozen list. */
  readonly pageIds: number;
  /** Encoded rows of one message; more closes the job. */
  readonly maximumBatchBytes: number;
  readonly metrics: ResolverMetrics;
  readonly now: () => Date;
  readonly reached: (moment: Moment) => void;
}

/** One delivery of one request. */
export interface Work {
  readonly request: ExportRequested;
  /** The topic that the request came from: it decides the lane. */
  readonly topic: Topic;
  readonly traceparent: string | undefined;
  readonly signal: AbortSignal;
  readonly heartbeat: () => Promise<void>;
  readonly logger: Logger;
}

/** How often a list that is being frozen is asked whether it is still wanted; a cancel takes 1 s at most. */
const askEveryMs = 200;

/** Unwinds to the caller, who closes the job as cancelled. */
class Cancelled extends Error {}

/**
 * Takes a claimed resolution to the end of its rows and says how it ended. What was done before a crash is not done
 * again, but for the last message, which is repeated as it was.
 * @throws ExportError with what went wrong; ClaimLost where the work belongs to somebody else by now.
 */
export async function resolve(claimed: Resolution, work: Work, parts: ResolveParts): Promise<BatchEnd> {
  let total = claimed.frozen;
  try {
    await mayGoOn(work, parts);
    await requirePermission(work.request, parts.permissions);
    const frozen = await freezeSelection(claimed, work, parts);
    total = frozen.frozen;
    await produce(frozen, work, parts);
    return { outcome: 'resolved', total, failure: null };
  } catch (error) {
    if (error instanceof Cancelled) return { outcome: 'cancelled', total, failure: null };
    throw error;
  }
}

/** The requester may have lost the permission since intake asked. */
async function requirePermission(
  { spec: job, company_id }: ExportRequested,
  permissions: Permissions,
): Promise<void> {
  const held = await permissions.of(userId(job.user_id), companyId(company_id));
  if (!held.includes('contacts.export')) {
    throw new ExportError('FORBIDDEN', { params: { permission: 'contacts.export' } });
  }
}

async function freezeSelection(claimed: Resolution, work: Work, parts: ResolveParts): Promise<Resolution> {
  if (claimed.state !== 'freezing') return claimed;
  const { request } = work;
  const { spec: job } = request;
  const scope = { companyId: companyId(request.company_id), userId: userId(job.user_id) };
  const personal = await openPersonal(parts.opener, job.personal, scope);
  const criterion = personal.criterion === undefined ? undefined : parseCriterion(personal.criterion);
  const stopTimer = parts.metrics.freezeSeconds.startTimer();
  const freezing = freeze(claimed, selectionOf(request, criterion), {
    store: parts.store,
    contacts: parts.contacts,
    pageIds: parts.pageIds,
    betweenPages: async (resolution) => {
      await mayGoOn(work, parts);
      tellProgress(resolution.frozen, work, parts);
    },
  });
  // A page of a large company may take seconds. What is still written of it then is refused: the end is stored by then.
  const frozen = await unlessGivenUp(freezing, () => mayGoOn(work, parts), askEveryMs);
  stopTimer();
  parts.reached('frozen');
  tellProgress(frozen.frozen, work, parts);
  const properties = await parts.contacts.fieldProperties(scope.companyId);
  const locale = locales.find((known) => known === job.locale) ?? 'en';
  return parts.store.storePlan(frozen, exportColumns(properties, job.fields, locale));
}

async function produce(resolution: Resolution, work: Work, parts: ResolveParts): Promise<void> {
  const { columns, snapshot_at: snapshotAt, frozen: total } = resolution;
  if (columns === null) throw new Error('A plan is stored with its columns.');
  const { request, topic } = work;
  const key = await createDataKey(parts.keys);
  if (resolution.batch === null) {
    const id = batchId(request, 0);
    const payload = await sealPlan(key, { columns, total, snapshotAt }, id);
    await parts.producer.send(batchesTopic(topic), planMessage(request, payload, sending(work, parts)));
    parts.reached('plan produced');
  }
  const rows = createRowSource({
    companyId: companyId(request.company_id),
    columns,
    list: createFrozenList(resolution.chunks, (id) => parts.store.chunk(id)),
    contacts: parts.contacts,
    packing: parts.packing,
  });
  let last: BatchRange = { number: 0, from: 0, to: 0 };
  if (resolution.batch !== null) {
    await produceBatch(await rows.again(resolution.batch), key, resolution, work, parts);
    last = resolution.batch;
  }
  for await (const batch of rows.after(last, total)) {
    await produceBatch(batch, key, resolution, work, parts);
  }
}

/** One batch: stored first, then produced, and acknowledged before this returns. */
async function produceBatch(
  batch: PackedBatch,
  key: DataKey,
  resolution: Resolution,
  work: Work,
  parts: ResolveParts,
): Promise<void> {
  const { request, topic } = work;
  await mayGoOn(work, parts);
  if (batch.bytes > parts.maximumBatchBytes) {
    throw new ExportError('EXPORT_BATCH_TOO_LARGE', { params: { bytes: batch.bytes } });
  }
  const [payload] = await Promise.all([
    sealRows(key, batch.rows, batchId(request, batch.range.number)),
    parts.store.storeBatch(resolution, batch.range),
  ]);
  parts.reached('batch stored');
  const message = rowsMessage(request, batch.range, batch.rows.length, payload, sending(work, parts));
  await parts.producer.send(batchesTopic(topic), message);
  parts.reached('batch produced');
  parts.metrics.batchBytes.observe(batch.bytes);
  parts.metrics.contacts.inc({ result: 'read' }, batch.rows.length);
  parts.metrics.contacts.inc({ result: 'skipped' }, message.event.skipped);
}

/** Asked before each page and each batch. @throws ClaimLost, Cancelled. */
async function mayGoOn(work: Work, parts: ResolveParts): Promise<void> {
  if (work.signal.aborted) throw new ClaimLost('the partition was given to another resolver');
  await work.heartbeat();
  if (await parts.cancel.isRaised(jobId(work.request.job_id))) throw new Cancelled();
}

function batchId(request: ExportRequested, number: number) {
  return { companyId: request.company_id, jobId: request.job_id, attempt: request.attempt, number };
}

function sending(work: Work, parts: ResolveParts): Sending {
  return { at: parts.now().getTime(), traceparent: childOf(work.traceparent) };
}

/** Best effort: nobody waits for it, and one that is lost is followed by the next. */
function tellProgress(frozen: number, work: Work, parts: ResolveParts): void {
  const message = progressMessage(work.request, frozen, sending(work, parts));
  parts.producer.send('export.progress', message).catch((error: unknown) => {
    work.logger.debug({ error }, 'progress not sent');
  });
}
