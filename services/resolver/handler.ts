import { asExportError } from '@waybill/errors';
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
import type { ExportError } from '@waybill/errors';
import type { BatchEnd, ExportRequested, ExportSpec } from '@waybill/schemas';
import { childOf } from '@waybill/observability';
import { failedEnd, givenUp } from './failure.ts';
import { batchesTopic, endMessage, type StreamHead } from './messages.ts';
import { ClaimLost, type Claim, type Resolution } from './resolution.ts';
import { resolve, type ResolveParts, type Work } from './resolve.ts';

/** The topics that a resolver reads. */
export type RequestedTopic = 'export.requested' | 'export.requested.bulk';

type Request = EventMessage<ExportRequested, RequestedTopic>;
type UnreadRequest = UnreadMessage<ExportRequested, RequestedTopic>;

export interface HandlerParts extends ResolveParts {
  /** Resolutions are kept this long; an older request may have had one that is gone. */
  readonly recordTtlMs: number;
}

/**
 * One request to the end of its batches. A fault that may pass is retried by the port; any other ends the job with an
 * end batch that says why.
 */
export function createHandler(
  parts: HandlerParts,
): (message: Request, context: HandlerContext) => Promise<Outcome> {
  return async (message, context) => {
    const work: Work = {
      request: message.event,
      topic: message.topic,
      traceparent: message.traceparent,
      signal: context.signal,
      heartbeat: () => context.heartbeat(),
      logger: context.logger,
    };
    if (parts.now().getTime() - message.at > parts.recordTtlMs) return skip('older than any record of a job');
    try {
      return await handle(work, parts);
    } catch (error) {
      // Nothing is committed for it: who holds the partition takes it up again, this resolver or another.
      if (error instanceof ClaimLost) return rewind(message.offset);
      return retry(asExportError(error, 'EXPORT_FAILED'));
    }
  };
}

async function handle(work: Work, parts: HandlerParts): Promise<Outcome> {
  const { request } = work;
  const stopTimer = parts.metrics.resolveSeconds.startTimer();
  const job = {
    _id: request.job_id,
    company_id: request.company_id,
    user_id: request.spec.user_id,
    attempt: request.attempt,
  };
  const claimed = await parts.store.claim(job, parts.now());
  if (claimed.kind === 'skip') return skip(claimed.reason);
  const end = claimed.resolution.end ?? (await resolveOrFail(claimed.resolution, work, parts));
  const stored = await close(claimed.resolution, end, { ...work, head: request, job: request.spec }, parts);
  stopTimer({ outcome: stored.outcome });
  work.logger.info({ outcome: stored.outcome, total: stored.total }, 'job resolved');
  return done();
}

async function resolveOrFail(claimed: Resolution, work: Work, parts: HandlerParts): Promise<BatchEnd> {
  try {
    return await resolve(claimed, work, parts);
  } catch (error) {
    if (error instanceof ClaimLost) throw error;
    const cause = asExportError(error, 'EXPORT_FAILED');
    if (cause.retryable) throw cause;
    work.logger.warn({ error: cause }, 'job cannot be resolved');
    return failedEnd(cause, claimed.frozen);
  }
}

/** Whose stream is closed, and where. */
interface Closing {
  readonly head: StreamHead;
  readonly job: ExportSpec | null;
  readonly topic: RequestedTopic | Work['topic'];
  readonly traceparent: string | undefined;
}

/** The end is stored, produced, and only then is the resolution closed: a crash in between produces it again. */
async function close(claim: Claim, end: BatchEnd, closing: Closing, parts: HandlerParts): Promise<BatchEnd> {
  const stored = await parts.store.storeEnd(claim, end);
  parts.reached('end stored');
  const sending = { at: parts.now().getTime(), traceparent: childOf(closing.traceparent) };
  const job = stored.outcome === 'resolved' ? null : closing.job;
  const message = endMessage(closing.head, stored, job, sending);
  await parts.producer.send(batchesTopic(closing.topic), message);
  parts.reached('end produced');
  await parts.store.close(claim);
  return stored;
}

/**
 * A request that was dead-lettered still ends its job: without an end batch it would stay queued for ever. What the
 * headers do not say (a first attempt, the company) cannot be closed under another name, so it is left out.
 */
export function createDeadLetterHandler(
  parts: HandlerParts,
): (message: UnreadRequest, cause: ExportError) => Promise<void> {
  return async (message, cause) => {
    const companyId = message.event?.company_id ?? message.companyId;
    if (companyId === undefined || message.key === '') return;
    const attempt = message.event?.attempt ?? message.attempt ?? 1;
    const head = { job_id: message.key, company_id: companyId, attempt };
    const asked = message.event?.spec;
    const whose = asked === undefined ? {} : { user_id: asked.user_id };
    const job = { _id: head.job_id, company_id: companyId, ...whose, attempt };
    const claimed = await parts.store.claim(job, parts.now());
    if (claimed.kind === 'skip') return;
    const { resolution } = claimed;
    const end = failedEnd(givenUp(cause), resolution.frozen);
    const { topic, headers } = message;
    const closing = { head, job: asked ?? null, topic, traceparent: headers['traceparent'] };
    await close(resolution, end, closing, parts);
  };
}
