import { ExportError } from '@waybill/errors';
import { companyId, jobId, userId } from '@waybill/domain';
import { closeJob, endOpenJob, failed, settle, succeeded } from './close-job.ts';
import type { Ending } from '../job/messages.ts';
import type { RenderParts } from '../deps.ts';
import { receiptOf, receiptRows, type ReceiptFacts } from '../file/receipt.ts';
import { hasLost, type Closed } from '../job/job-store.ts';
import type { OpenJob, Track } from './partition-state.ts';

/**
 * The last step of a job whose every batch is written: the requester is asked for again, the file is completed, its
 * receipt must balance, and only then the pointer is set. Whatever goes wrong after the file is complete, its object
 * is removed, unless it is the one that the pointer names.
 */
export async function finishJob(track: Track, open: OpenJob, parts: RenderParts): Promise<Closed> {
  if (!(await mayReceive(open, parts))) {
    const error = new ExportError('FORBIDDEN', { params: { permission: 'contacts.export' } });
    return endOpenJob(track, open, failed(error), parts);
  }
  const ending = await completeFile(open, parts);
  parts.reached('file complete');
  const closed = await closeJob(open.claim, open.subject, ending, parts);
  if (ending.state !== 'succeeded' || (hasLost(closed) && closed.stored?.file?.key !== open.key)) {
    await removeFile(open, parts);
  }
  settle(track, open, closed);
  return closed;
}

/** Whether the requester still has the permission: a file that nobody may have does not become visible. */
async function mayReceive({ subject }: OpenJob, { permissions }: RenderParts): Promise<boolean> {
  const held = await permissions.of(userId(subject.job.user_id), companyId(subject.companyId));
  return held.includes('contacts.export');
}

/** The file is in storage when this returns, whatever the ending is. */
async function completeFile(open: OpenJob, parts: RenderParts): Promise<Ending> {
  const { subject, snapshotAt, stream } = open;
  const facts: ReceiptFacts = {
    job: subject.job,
    matched: stream.total,
    skipped: stream.skipped,
    snapshotAt,
    attempt: subject.attempt,
  };
  const { tally, ...file } = await open.file.finish((tally) => receiptRows(facts, tally));
  try {
    // A large file takes a while to complete, and a cancel may have come meanwhile.
    if (await parts.cancel.isRaised(jobId(subject.jobId))) return { state: 'cancelled' };
    return succeeded(open, receiptOf(facts, tally, file), parts.now(), parts.fileTtlMs);
  } catch (error) {
    if (error instanceof ExportError && error.code === 'EXPORT_RECEIPT_MISMATCH') {
      parts.metrics.receiptMismatches.inc();
      return failed(error);
    }
    throw error;
  }
}

/** A file that cannot be removed now is one without a pointer: the sweeper removes it. */
async function removeFile({ bucket, key, subject }: OpenJob, parts: RenderParts): Promise<void> {
  try {
    await parts.storage.remove({ bucket, key });
  } catch (error) {
    parts.logger.warn({ error, job_id: subject.jobId }, 'file without a pointer not removed');
  }
}
