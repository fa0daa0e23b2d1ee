import { companyId, jobId } from '@waybill/domain';
import type { ExportError } from '@waybill/errors';
import { hold, type HandlerContext, type Outcome, type UnreadMessage } from '@waybill/kafka';
import type { ExportBatch } from '@waybill/schemas';
import type { RenderDeps } from './deps.ts';
import type { Subject } from './job/messages.ts';
import { failureOfDeadLetter } from './partition/failure-policy.ts';
import type { BatchMessage, BatchTopic } from './partition/partition-state.ts';
import type { Partition } from './partition/partition.ts';
import type { Partitions } from './partition/partitions.ts';

type UnreadBatch = UnreadMessage<ExportBatch, BatchTopic>;

/** Applies one message to the file of its job. The group commits only below the oldest job that is still open. */
export function createHandler(
  partitions: Partitions,
): (message: BatchMessage, context: HandlerContext) => Promise<Outcome> {
  return (message, context) => {
    const partition = partitions.of(message.topic, message.partition);
    return partition.exclusive(() => handle(partition, message, context));
  };
}

async function handle(
  partition: Partition,
  message: BatchMessage,
  { highWatermark }: HandlerContext,
): Promise<Outcome> {
  const next = message.offset + 1n;
  partition.state.next ??= message.offset;
  partition.state.highWatermark = highWatermark;
  if (next < highWatermark) partition.markBehind();
  const outcome = await partition.apply(message);
  if (outcome === undefined) {
    partition.state.next = next;
    return hold(partition.state.commitOffset(next));
  }
  if (outcome.kind === 'rewind') partition.state.next = outcome.to;
  // A message that is tried again is unread, so no job on the partition has stalled.
  partition.markBehind();
  return outcome;
}

/** Fails the job of a batch that was dead-lettered: its file could never be complete. Other jobs go on. */
export function createDeadLetterHandler(
  partitions: Partitions,
  { store }: Pick<RenderDeps, 'store'>,
): (message: UnreadBatch, cause: ExportError) => Promise<void> {
  return (message, cause) => {
    const partition = partitions.of(message.topic, message.partition);
    return partition.exclusive(async () => {
      const subject = await subjectOf(message, partition, store);
      // Without a company no job can be ended. The dead letter keeps the bytes.
      if (subject === undefined) return;
      await partition.fail(subject, message.offset, failureOfDeadLetter(cause));
    });
  };
}

/** Returns the attempt that a dead-lettered batch belongs to, from the event, the headers, memory or the stored job. */
async function subjectOf(
  { key, event, companyId: company, attempt: headerAttempt }: UnreadBatch,
  { state }: Partition,
  store: RenderDeps['store'],
): Promise<Subject | undefined> {
  const id = jobId(key);
  const open = state.open.get(id);
  const attempt = event?.attempt ?? headerAttempt;
  if (open !== undefined && (attempt === undefined || attempt === open.subject.attempt)) return open.subject;
  const stored = await store.find(id);
  const owner = event?.company_id ?? company ?? stored?.company_id;
  if (owner === undefined) return undefined;
  return {
    jobId: id,
    companyId: companyId(owner),
    attempt: attempt ?? stored?.attempt ?? 1,
    stream: event?.stream ?? stored?.stream ?? 0,
    spec: event?.spec ?? stored?.spec ?? undefined,
  };
}
