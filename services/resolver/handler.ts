import { companyId, jobId } from '@waybill/domain';
import { causeOf, failureOf, jobFailure, type ExportError } from '@waybill/errors';
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
import type { BatchEnd, ExportRequested, ExportSpec } from '@waybill/schemas';
import { childOf } from '@waybill/observability';
import { batchesTopic, endMessage, type StreamHead } from './messages.ts';
import { ClaimLost, type Claim, type Resolution } from './resolution.ts';
import { resolve, type ResolveDeps, type WorkContext } from './resolve.ts';

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
 * After that, and after any other fault, the job ends with an end batch that carries the failure.
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
      return await handle(work, deps);
    } catch (error) {
      // The offset is not committed. The process that owns the partition reads the request again.
      if (error instanceof ClaimLost) return rewind(message.offset);
      return retry(causeOf(error));
    }
  };
}

async function handle(work: WorkContext, deps: HandlerDeps): Promise<Outcome> {
  const { request } = work;
  const stopTimer = deps.metrics.resolveSeconds.startTimer();
  const job = {
    _id: jobId(request.job_id),
    company_id: request.company_id,
    user_id: request.spec.user_id,
    attempt: request.attempt,
  };
  const claimed = await deps.store.claim(job, deps.now());
  if (claimed.kind === 'skip') return skip(claimed.reason);
  const end = claimed.resolution.end ?? (await resolveOrFail(claimed.resolution, work, deps));
  const { topic, traceparent } = work;
  const closing = { end, head: request, spec: request.spec, topic, traceparent };
  const stored = await close(claimed.resolution, closing, deps);
  stopTimer({ outcome: stored.outcome });
  work.logger.info({ outcome: stored.outcome, total: stored.total }, 'job resolved');
  return done();
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

/** How a stream ends, and which. */
interface Closing {
  readonly end: BatchEnd;
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
  const sending = { at: deps.now().getTime(), traceparent: childOf(closing.traceparent) };
  const spec = stored.outcome === 'resolved' ? undefined : closing.spec;
  const message = endMessage(closing.head, { end: stored, spec }, sending);
  await deps.producer.send(batchesTopic(closing.topic), message);
  deps.reached('end produced');
  await deps.store.close(claim);
  return stored;
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
    const head = { job_id: jobId(message.key), company_id: companyId(company), attempt };
    const spec = message.event?.spec;
    const requester = spec === undefined ? {} : { user_id: spec.user_id };
    const job = { _id: head.job_id, company_id: head.company_id, ...requester, attempt };
    const claimed = await deps.store.claim(job, deps.now());
    if (claimed.kind === 'skip') return;
    const { resolution } = claimed;
    const end = failedEnd(jobFailure(cause), resolution.frozen);
    const { topic, headers } = message;
    const closing = { end, head, spec, topic, traceparent: headers['traceparent'] };
    await close(resolution, closing, deps);
  };
}
