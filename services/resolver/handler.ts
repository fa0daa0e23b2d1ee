import { companyId, jobId } from '@waybill/domain';
import { causeOf, ExportError, failureOf, jobFailure } from '@waybill/errors';
import {
  done,
  retry,
  rewind,
  skip,
  type EventMessage,
  type HandlerContext,
  type Outcome,
  type UnreadMessage,
} from '@waybill/kafka';
import type { BatchEnd, ExportRequested, ExportSpec, Repeat } from '@waybill/schemas';
import { childOf } from '@waybill/observability';
import { batchesTopic, endMessage, type StreamHead } from './messages.ts';
import { ClaimLost, isErased, type Claim, type Resolution, type StoredEnd } from './resolution.ts';
import { headOf, resolve, type ResolveDeps, type WorkContext } from './resolve.ts';

/** The topics that the resolver reads. */
export type RequestedTopic = 'export.requested' | 'export.requested.bulk';

type Request = EventMessage<ExportRequested, RequestedTopic>;
type UnreadRequest = UnreadMessage<ExportRequested, RequestedTopic>;

export interface HandlerDeps extends ResolveDeps {
  /** Retention of resolutions. An older request is skipped: its resolution may be removed. */
  readonly recordTtlMs: number;
  /** Age at which a job whose servers are away fails, from its request. */
  readonly deadlineMs: number;
}

/**
 * Resolves one request to the end of its batches. While a server is away the partition waits, up to the job's deadline.
 * After that, and after any other fault, the job ends with an end batch that carries the failure. A request
 * that is published again after its resolution has ended is answered with the end, or by producing the batches again.
 */
export function createHandler(
  deps: HandlerDeps,
): (message: Request, context: HandlerContext) => Promise<Outcome> {
  return async (message, context) => {
    const work: WorkContext = {
      request: message.event,
      topic: message.topic,
      requestedAt: message.at,
      traceparent: message.traceparent,
      signal: context.signal,
      heartbeat: () => context.heartbeat(),
      logger: context.logger,
    };
    if (deps.now().getTime() - message.at > deps.recordTtlMs) {
      return skip('the request is older than the retention of resolutions');
    }
    try {
      return await handle(message, work, deps);
    } catch (error) {
      // The offset is not committed. The process that owns the partition reads the request again.
      if (error instanceof ClaimLost) return rewind(message.offset);
      return retry(causeOf(error));
    }
  };
}

async function handle(message: Request, work: WorkContext, deps: HandlerDeps): Promise<Outcome> {
  const { request, topic, traceparent } = work;
  const stopTimer = deps.metrics.resolveSeconds.startTimer();
  const repeat = request.repeat ?? undefined;
  const job = {
    _id: jobId(request.job_id),
    company_id: request.company_id,
    user_id: request.spec.user_id,
    partition: message.partition,
    attempt: request.attempt,
    ...(repeat === undefined ? {} : { repeat }),
  };
  const claimed = await deps.store.claim(job, deps.now());
  if (claimed.kind === 'skip') return skip(claimed.reason);
  if (claimed.kind === 'forward') {
    await forward(message, claimed.partition, deps);
    work.logger.info({ to: claimed.partition }, 'request forwarded to the partition of its job');
    return done();
  }
  const { resolution } = claimed;
  const stream = { head: headOf(request, resolution), spec: request.spec, topic, traceparent };
  const stalled = repeat?.action === 'fail' ? stalledEnd(repeat, resolution, deps.now()) : undefined;
  if (claimed.kind === 'answer') {
    const end = stalled ?? answerOf(resolution);
    await sendEnd({ ...stream, end: { ...end, number: resolution.end?.number ?? 0 } }, deps);
    work.logger.info({ outcome: end.outcome }, 'end of a resolved job sent again');
    return done();
  }
  const end = resolution.end ?? stalled ?? (await resolveOrFail(resolution, work, deps));
  const stored = await close(resolution, { ...stream, end }, deps);
  stopTimer({ outcome: stored.outcome });
  work.logger.info({ outcome: stored.outcome, total: stored.total }, 'job resolved');
  return done();
}

/** Sends a request to the partition of its job, which has the messages before it. */
async function forward(message: Request, partition: number, { producer }: HandlerDeps): Promise<void> {
  const { topic, key, id, type, companyId, attempt, at, traceparent, event } = message;
  const trace = traceparent === undefined ? {} : { traceparent };
  await producer.send(topic, { key, partition, id, type, companyId, attempt, at, ...trace, event });
}

async function resolveOrFail(claimed: Resolution, work: WorkContext, deps: HandlerDeps): Promise<BatchEnd> {
  try {
    return await resolve(claimed, work, deps);
  } catch (error) {
    if (error instanceof ClaimLost) throw error;
    const cause = causeOf(error);
    const ageMs = deps.now().getTime() - work.requestedAt;
    if (cause.retryable && ageMs < deps.deadlineMs) throw cause;
    work.logger.warn({ error: cause }, 'job not resolved');
    return failedEnd(jobFailure(cause), claimed.frozen);
  }
}

function failedEnd(error: ExportError, total: number): BatchEnd {
  return { outcome: 'failed', total, failure: failureOf(error) };
}

/** Returns the end of a job that intake gives up: it has made no progress for too long. */
function stalledEnd({ since }: Repeat, { frozen }: Resolution, now: Date): BatchEnd {
  const minutes = Math.round((now.getTime() - since) / 60_000);
  return failedEnd(new ExportError('EXPORT_STALLED', { params: { minutes } }), frozen);
}

/** Returns the end of a closed resolution. An erased one is cancelled: its selection is gone. */
function answerOf(resolution: Resolution): BatchEnd {
  const { end, frozen: total } = resolution;
  if (end === null || isErased(resolution)) return { outcome: 'cancelled', total, failure: null };
  const { outcome, failure } = end;
  return { outcome, total: end.total, failure };
}

/** How a stream ends, and which. */
interface Closing<End extends BatchEnd = BatchEnd> {
  readonly end: End;
  readonly head: StreamHead;
  readonly spec: ExportSpec | undefined;
  readonly topic: RequestedTopic | WorkContext['topic'];
  readonly traceparent: string | undefined;
}

/**
 * Stores the end, produces it, and then closes the resolution. A crash in between produces the end again. Returns the end
 * that was stored first.
 */
async function close(claim: Claim, closing: Closing, deps: HandlerDeps): Promise<BatchEnd> {
  const stored = await deps.store.storeEnd(claim, closing.end);
  deps.reached('end stored');
  await sendEnd({ ...closing, end: stored }, deps);
  deps.reached('end produced');
  await deps.store.close(claim);
  return stored;
}

async function sendEnd(
  { head, end, spec, topic, traceparent }: Closing<StoredEnd>,
  { now, producer }: HandlerDeps,
): Promise<void> {
  const sending = { at: now().getTime(), traceparent: childOf(traceparent) };
  const content = { end, spec: end.outcome === 'resolved' ? undefined : spec };
  await producer.send(batchesTopic(topic), endMessage(head, content, sending));
}

/**
 * Ends the job of a request that was dead-lettered. Without an end batch the job would stay queued for ever. Ignores a
 * message without a job id or a company: it cannot be matched to a job.
 */
export function createDeadLetterHandler(
  deps: HandlerDeps,
): (message: UnreadRequest, cause: ExportError) => Promise<void> {
  return async (message, cause) => {
    const company = message.event?.company_id ?? message.companyId;
    if (company === undefined || message.key === '') return;
    const attempt = message.event?.attempt ?? message.attempt ?? 1;
    const spec = message.event?.spec;
    const requester = spec === undefined ? {} : { user_id: spec.user_id };
    const { partition } = message;
    const job = { _id: jobId(message.key), company_id: companyId(company), ...requester, partition, attempt };
    let claimed = await deps.store.claim(job, deps.now());
    if (claimed.kind === 'forward') {
      // It cannot be forwarded, because it cannot be read or handled there either.
      claimed = await deps.store.claim({ ...job, partition: claimed.partition }, deps.now());
    }
    if (claimed.kind !== 'claimed') return;
    const { resolution } = claimed;
    const { _id: job_id, company_id } = job;
    const own = { partition: resolution.partition, stream: resolution.stream };
    const head = { job_id, company_id, attempt, ...own, repeated: false };
    const end = failedEnd(jobFailure(cause), resolution.frozen);
    const { topic, headers } = message;
    const closing = { end, head, spec, topic, traceparent: headers['traceparent'] };
    await close(resolution, closing, deps);
  };
}
